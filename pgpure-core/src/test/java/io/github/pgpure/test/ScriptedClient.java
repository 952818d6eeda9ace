package io.github.pgpure.test;

import io.github.pgpure.protocol.ScramServer;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * One client as the script of a {@link ScriptedServer} sees it. For the thread of the script.
 *
 * <p>Every method ends with an {@link IOException} when the client goes away.
 */
public final class ScriptedClient {

    /** What {@link ScriptedServer#options()} logs in with. */
    public static final String PASSWORD = "sesame-4711";

    private static final int SSL_REQUEST = 80877103;
    private static final int GSSENC_REQUEST = 80877104;
    private static final int CANCEL_REQUEST = 80877102;

    /**
     * A message of the client.
     *
     * @param type its type
     * @param body what comes behind its length
     */
    public record Message(char type, byte[] body) {

        /** The strings in it, as far as it has such: for one that begins with them. */
        public String text() {
            int end = 0;
            while (end < body.length && body[end] != 0) {
                end++;
            }
            return new String(body, 0, end, StandardCharsets.UTF_8);
        }
    }

    /** This connection brought a cancel request. */
    static final class CancelRequested extends Exception {

        private static final long serialVersionUID = 1L;
    }

    private final Socket socket;
    private final CountDownLatch serverClosed;
    private final DataInputStream in;

    /** How many bytes may still be sent before the connection is cut. */
    private long budget = Long.MAX_VALUE;

    private boolean cutByReset;
    private int protocolVersion;

    ScriptedClient(Socket socket, CountDownLatch serverClosed) throws IOException {
        this.socket = socket;
        this.serverClosed = serverClosed;
        this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        socket.setTcpNoDelay(true);
    }

    /** Reads up to the StartupMessage, refusing encryption; its parameters. */
    public Map<String, String> startup() throws IOException, CancelRequested {
        while (true) {
            int length = in.readInt();
            int code = in.readInt();
            if (length < 8 || length > 10_000) {
                throw new AssertionError("a startup packet of " + length + " bytes");
            }
            if (code == CANCEL_REQUEST) {
                throw new CancelRequested();
            }
            if (code == SSL_REQUEST || code == GSSENC_REQUEST) {
                send(new byte[] {'N'});
                continue;
            }
            protocolVersion = code;
            byte[] body = in.readNBytes(length - 8);
            String[] words = new String(body, StandardCharsets.UTF_8).split("\0", -1);
            Map<String, String> parameters = new LinkedHashMap<>();
            for (int i = 0; i + 1 < words.length && !words[i].isEmpty(); i += 2) {
                parameters.put(words[i], words[i + 1]);
            }
            return parameters;
        }
    }

    /** The protocol version that {@link #startup()} has read. */
    public int protocolVersion() {
        return protocolVersion;
    }

    /** Reads an SSLRequest; what to answer is left to the script. */
    public void sslRequest() throws IOException {
        byte[] expected = ByteBuffer.allocate(8).putInt(8).putInt(SSL_REQUEST).array();
        if (!Arrays.equals(readBytes(8), expected)) {
            throw new AssertionError("expected an SSLRequest");
        }
    }

    /** Lets the client log in without a password and tells it what a server tells. */
    public Map<String, String> welcome() throws IOException, CancelRequested {
        Map<String, String> parameters = startup();
        send(BackendMessages.authenticationOk());
        ready();
        return parameters;
    }

    /** What a server tells after authentication, up to ReadyForQuery. */
    public void ready() throws IOException {
        send(session());
    }

    /** The bytes of {@link #ready()}. */
    public static byte[] session() {
        return BackendMessages.concat(
                BackendMessages.parameterStatus("server_version", "18.0"),
                BackendMessages.parameterStatus("server_encoding", "UTF8"),
                BackendMessages.parameterStatus("client_encoding", "UTF8"),
                BackendMessages.parameterStatus("DateStyle", "ISO, MDY"),
                BackendMessages.parameterStatus("IntervalStyle", "postgres"),
                BackendMessages.parameterStatus("integer_datetimes", "on"),
                BackendMessages.parameterStatus("standard_conforming_strings", "on"),
                BackendMessages.parameterStatus("TimeZone", "UTC"),
                BackendMessages.backendKeyData(4711, 42),
                BackendMessages.readyForQuery('I'));
    }

    /** Goes through SCRAM-SHA-256 up to the client's proof; what the server's proof would be. */
    public byte[] scram() throws IOException {
        var scram = new ScramServer(PASSWORD, 4096);
        send(BackendMessages.authenticationSASL("SCRAM-SHA-256"));
        byte[] initial = expect('p').body();
        // mechanism, zero, int32 length, client-first-message
        int data = "SCRAM-SHA-256".length() + 1 + 4;
        send(BackendMessages.authenticationSASLContinue(
                scram.first(Arrays.copyOfRange(initial, data, initial.length))));
        return scram.last(expect('p').body(), new byte[0]);
    }

    /** The client's next message. */
    public Message read() throws IOException {
        char type = (char) in.readUnsignedByte();
        int length = in.readInt();
        if (length < 4 || length > 64 * 1024 * 1024) {
            throw new AssertionError("the client announced a message '" + type + "' of " + length + " bytes");
        }
        return new Message(type, readBytes(length - 4));
    }

    /** The client's next message, which must be of this type. */
    public Message expect(char type) throws IOException {
        Message message = read();
        if (message.type() != type) {
            throw new AssertionError("expected a message '" + type + "' of the client, not '" + message.type() + "'");
        }
        return message;
    }

    /** Reads messages until one of this type has come, often a Sync. */
    public Message skipTo(char type) throws IOException {
        Message message = read();
        while (message.type() != type) {
            message = read();
        }
        return message;
    }

    /** Reads until the client closes the connection, which ends the script. */
    public void awaitClose() throws IOException {
        while (in.read() >= 0) {
            // whatever it still has to say
        }
        throw new EOFException("the client closed the connection");
    }

    /** Sends these bytes as they are. */
    public void send(byte[]... bytes) throws IOException {
        byte[] all = BackendMessages.concat(bytes);
        if (all.length <= budget) {
            socket.getOutputStream().write(all);
            budget -= all.length;
            return;
        }
        socket.getOutputStream().write(all, 0, (int) budget);
        budget = 0;
        if (cutByReset) {
            rst();
        } else {
            fin();
        }
    }

    /** Has the connection cut when more than this many bytes are to be sent: by {@link #rst()} or by {@link #fin()}. */
    public void cutAfter(long bytes, boolean byReset) {
        budget = bytes;
        cutByReset = byReset;
    }

    /**
     * Answers every query, simple or extended, with one row with the text {@code one} in the column {@code name}, until the client
     * goes away.
     */
    public void serve() throws IOException {
        byte[] description = BackendMessages.rowDescription("name");
        byte[] row = BackendMessages.dataRow("one");
        byte[] complete = BackendMessages.commandComplete("SELECT 1");
        while (true) {
            Message message = read();
            switch (message.type()) {
                case 'P' -> send(BackendMessages.parseComplete());
                case 'B' -> send(BackendMessages.bindComplete());
                case 'C' -> send(BackendMessages.message('3', new byte[0]));
                case 'D' -> {
                    if (message.body()[0] == 'S') {
                        send(BackendMessages.parameterDescription());
                    }
                    send(description);
                }
                case 'E' -> send(row, complete);
                case 'S' -> send(BackendMessages.readyForQuery('I'));
                case 'Q' -> send(description, row, complete, BackendMessages.readyForQuery('I'));
                case 'X' -> awaitClose();
                default -> throw new AssertionError("did not expect a message '" + message.type() + "' of the client");
            }
        }
    }

    /** Everything that the client sends from now on until it closes or resets the connection. */
    public byte[] readUntilClosed() {
        var heard = new ByteArrayOutputStream();
        try {
            in.transferTo(heard);
        } catch (IOException e) {
            // A client that closes with something unread resets the connection.
        }
        return heard.toByteArray();
    }

    /** Closes the connection in order: the client reads an end. */
    public void fin() throws IOException {
        socket.shutdownOutput();
        awaitClose();
    }

    /** Resets the connection: the client gets an error. */
    public void rst() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
        throw new EOFException("reset by the script");
    }

    /** Sends nothing more and reads nothing more, until the test closes the server. */
    public void stall() throws InterruptedException {
        serverClosed.await();
    }

    /** So many bytes of the client. */
    public byte[] readBytes(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("the client closed the connection within a message");
        }
        return bytes;
    }
}
