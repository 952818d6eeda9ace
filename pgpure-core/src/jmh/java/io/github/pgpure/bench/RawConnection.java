package io.github.pgpure.bench;

import com.ongres.scram.client.ScramClient;
import com.ongres.scram.common.exception.ScramException;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** A connection that is logged in, and nothing more. */
final class RawConnection implements AutoCloseable {

    private static final int PROTOCOL = 3 << 16;
    private static final int LOGGED_IN = 0;
    private static final int SASL = 10;
    private static final int SASL_CONTINUE = 11;
    private static final int SASL_FINAL = 12;
    private static final String MECHANISM = "SCRAM-SHA-256";

    private final SocketChannel channel;
    private final DataInputStream in;

    RawConnection(ServerAddress server) throws IOException {
        if (server.tls()) {
            throw new UnsupportedOperationException();
        }
        channel = SocketChannel.open(new InetSocketAddress(server.host(), server.port()));
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        in = new DataInputStream(channel.socket().getInputStream());
        byte[] startup = join(
                number(PROTOCOL),
                string("user"),
                string(server.username()),
                string("database"),
                string(server.database()),
                string(""));
        write(join(number(4 + startup.length), startup));
        try {
            logIn(server);
        } catch (ScramException e) {
            throw new IOException(e);
        }
    }

    private void logIn(ServerAddress server) throws IOException, ScramException {
        ScramClient scram = ScramClient.builder()
                .advertisedMechanisms(List.of(MECHANISM))
                .username(server.username())
                .password(server.password().isEmpty() ? new char[] {'-'} : server.password().toCharArray())
                .build();
        while (true) {
            byte[] body = await('R');
            String data = utf8(Arrays.copyOfRange(body, 4, body.length));
            int request = ByteBuffer.wrap(body).getInt();
            switch (request) {
                case LOGGED_IN -> {
                    await('Z');
                    return;
                }
                case SASL -> {
                    byte[] first = scram.clientFirstMessage().toString().getBytes(StandardCharsets.UTF_8);
                    send('p', join(string(MECHANISM), number(first.length), first));
                }
                case SASL_CONTINUE -> {
                    scram.serverFirstMessage(data);
                    send('p', scram.clientFinalMessage().toString().getBytes(StandardCharsets.UTF_8));
                }
                case SASL_FINAL -> scram.serverFinalMessage(data);
                default -> throw new IOException("the server asks for authentication " + request);
            }
        }
    }

    SocketChannel channel() {
        return channel;
    }

    /** Prepares a statement under a name. */
    void prepare(String name, String sql) throws IOException {
        send('P', join(string(name), string(sql), new byte[2]));
        send('S', new byte[0]);
        await('Z');
    }

    /** The next message of this type; whatever comes before it is of no interest. */
    private byte[] await(char wanted) throws IOException {
        while (true) {
            char type = (char) in.readByte();
            byte[] body = in.readNBytes(in.readInt() - 4);
            if (type == 'E') {
                throw new IOException(utf8(body));
            }
            if (type == wanted) {
                return body;
            }
        }
    }

    private void send(char type, byte[] body) throws IOException {
        write(join(new byte[] {(byte) type}, number(4 + body.length), body));
    }

    private void write(byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }

    private static byte[] number(int number) {
        return ByteBuffer.allocate(4).putInt(number).array();
    }

    private static byte[] string(String text) {
        return (text + '\0').getBytes(StandardCharsets.UTF_8);
    }

    private static String utf8(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
