package io.github.pgpure.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The scripted server against a bare socket, so that what is tested with it can be believed. */
@Timeout(30)
class ScriptedServerTests {

    private static final byte[] STARTUP = "\0\3\0\0user\0ada\0\0".getBytes(StandardCharsets.ISO_8859_1);

    @Test
    void runsTheScript() throws IOException {
        var parameters = new AtomicReference<Object>();
        try (var server = ScriptedServer.start(client -> {
                    parameters.set(client.welcome());
                    assertThat(client.expect('Q').text()).isEqualTo("select 1");
                    client.send(BackendMessages.commandComplete("SELECT 0"));
                    client.fin();
                });
                var socket = connect(server)) {
            send(socket, ByteBuffer.allocate(8).putInt(8).putInt(80877103).array());
            var in = new DataInputStream(socket.getInputStream());
            assertThat(in.read()).isEqualTo('N');
            send(socket, ByteBuffer.allocate(4).putInt(4 + STARTUP.length).array(), STARTUP);
            byte[] session = BackendMessages.concat(BackendMessages.authenticationOk(), ScriptedClient.session());
            assertThat(in.readNBytes(session.length)).isEqualTo(session);
            send(socket, BackendMessages.message('Q', BackendMessages.cstring("select 1")));
            assertThat(in.readAllBytes()).isEqualTo(BackendMessages.commandComplete("SELECT 0"));
        }
        assertThat(parameters.get()).hasToString("{user=ada}");
    }

    @Test
    void closeThrowsWhatTheScriptFailedWith() throws IOException {
        ScriptedServer server = ScriptedServer.start(client -> client.expect('Q'));
        try (var socket = connect(server)) {
            send(socket, BackendMessages.message('X', new byte[0]));
            assertThat(socket.getInputStream().read()).isNegative();
        }
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(server::close)
                .havingCause()
                .withMessage("expected a message 'Q' of the client, not 'X'");
    }

    @Test
    void clientThatGoesAwayIsNoFailure() throws IOException, InterruptedException {
        var ended = new CountDownLatch(1);
        try (var server = ScriptedServer.start(client -> {
            try {
                client.startup();
            } finally {
                ended.countDown();
            }
        })) {
            connect(server).close();
            ended.await();
        }
    }

    @Test
    void resetIsAnError() throws IOException {
        try (var server = ScriptedServer.start(ScriptedClient::rst);
                var socket = connect(server)) {
            assertThatIOException().isThrownBy(() -> socket.getInputStream().read());
        }
    }

    @Test
    void stallEndsWithTheServer() throws IOException {
        ScriptedServer server = ScriptedServer.start(ScriptedClient::stall);
        try (var socket = connect(server)) {
            assertThat(socket.isConnected()).isTrue();
            server.close();
            assertThat(readOrReset(socket)).isNegative();
        }
    }

    @Test
    void scriptsRunInTurnAndCancelRequestsAreCounted() throws IOException {
        try (var server = ScriptedServer.startInTurn(
                client -> client.send(new byte[] {1}),
                client -> client.send(new byte[] {2}),
                client -> client.welcome())) {
            for (int expected : new int[] {1, 2}) {
                try (var socket = connect(server)) {
                    assertThat(socket.getInputStream().read()).isEqualTo(expected);
                }
            }
            try (var socket = connect(server)) {
                send(
                        socket,
                        ByteBuffer.allocate(16)
                                .putInt(16)
                                .putInt(80877102)
                                .putInt(4711)
                                .putInt(42)
                                .array());
                readOrReset(socket);
            }
            Poll.until("counted", () -> server.cancelRequests() == 1);
            assertThat(server.connections()).isEqualTo(3);
        }
    }

    private static int readOrReset(Socket socket) {
        try {
            return socket.getInputStream().read();
        } catch (IOException e) {
            return -1;
        }
    }

    private static Socket connect(ScriptedServer server) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), server.port());
    }

    private static void send(Socket socket, byte[]... bytes) throws IOException {
        socket.getOutputStream().write(BackendMessages.concat(bytes));
    }
}
