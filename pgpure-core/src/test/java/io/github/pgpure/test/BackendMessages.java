package io.github.pgpure.test;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of the messages that a server sends, written from the manual alone and not with the code under test
 * (<a href="https://www.postgresql.org/docs/current/protocol-message-formats.html">manual</a>).
 */
public final class BackendMessages {

    private BackendMessages() {}

    /** Any message: its type, its length and this body. */
    public static byte[] message(char type, byte[] body) {
        return message(type, body.length + 4, body);
    }

    /** A message that announces this length, right or wrong. */
    public static byte[] message(char type, int length, byte[] body) {
        return ByteBuffer.allocate(5 + body.length)
                .put((byte) type)
                .putInt(length)
                .put(body)
                .array();
    }

    public static byte[] authenticationOk() {
        return authentication(0, new byte[0]);
    }

    public static byte[] authenticationCleartextPassword() {
        return authentication(3, new byte[0]);
    }

    public static byte[] authenticationMD5Password(byte[] salt) {
        return authentication(5, salt);
    }

    public static byte[] authenticationSASL(String... mechanisms) {
        var list = new ByteArrayOutputStream();
        for (String mechanism : mechanisms) {
            list.writeBytes(cstring(mechanism));
        }
        list.write(0);
        return authentication(10, list.toByteArray());
    }

    public static byte[] authenticationSASLContinue(byte[] data) {
        return authentication(11, data);
    }

    public static byte[] authenticationSASLFinal(byte[] data) {
        return authentication(12, data);
    }

    /** Any authentication message by its code. */
    public static byte[] authentication(int code, byte[] data) {
        return message(
                'R', ByteBuffer.allocate(4 + data.length).putInt(code).put(data).array());
    }

    public static byte[] parameterStatus(String name, String value) {
        return message('S', concat(cstring(name), cstring(value)));
    }

    public static byte[] backendKeyData(int processId, int secretKey) {
        return message(
                'K', ByteBuffer.allocate(8).putInt(processId).putInt(secretKey).array());
    }

    /** @param status {@code I}, {@code T} or {@code E} */
    public static byte[] readyForQuery(char status) {
        return message('Z', new byte[] {(byte) status});
    }

    public static byte[] errorResponse(String severity, String sqlState, String text) {
        return message('E', fields(severity, sqlState, text));
    }

    public static byte[] noticeResponse(String severity, String sqlState, String text) {
        return message('N', fields(severity, sqlState, text));
    }

    public static byte[] notificationResponse(int processId, String channel, String payload) {
        return message(
                'A', concat(ByteBuffer.allocate(4).putInt(processId).array(), cstring(channel), cstring(payload)));
    }

    /** Columns of the type {@code text} in text format. */
    public static byte[] rowDescription(String... names) {
        var body = new ByteArrayOutputStream();
        body.writeBytes(int16(names.length));
        for (String name : names) {
            body.writeBytes(cstring(name));
            body.writeBytes(ByteBuffer.allocate(18)
                    .putInt(0)
                    .putShort((short) 0)
                    .putInt(25)
                    .putShort((short) -1)
                    .putInt(-1)
                    .putShort((short) 0)
                    .array());
        }
        return message('T', body.toByteArray());
    }

    /** Values in text format, null for NULL. */
    public static byte[] dataRow(@Nullable String... values) {
        var body = new ByteArrayOutputStream();
        body.writeBytes(int16(values.length));
        for (String value : values) {
            byte[] bytes = value == null ? new byte[0] : value.getBytes(StandardCharsets.UTF_8);
            body.writeBytes(ByteBuffer.allocate(4)
                    .putInt(value == null ? -1 : bytes.length)
                    .array());
            body.writeBytes(bytes);
        }
        return message('D', body.toByteArray());
    }

    public static byte[] commandComplete(String tag) {
        return message('C', cstring(tag));
    }

    public static byte[] emptyQueryResponse() {
        return message('I', new byte[0]);
    }

    public static byte[] parseComplete() {
        return message('1', new byte[0]);
    }

    public static byte[] bindComplete() {
        return message('2', new byte[0]);
    }

    public static byte[] closeComplete() {
        return message('3', new byte[0]);
    }

    public static byte[] noData() {
        return message('n', new byte[0]);
    }

    /** @param typeOids the types of the parameters */
    public static byte[] parameterDescription(int... typeOids) {
        var body = ByteBuffer.allocate(2 + 4 * typeOids.length).putShort((short) typeOids.length);
        for (int oid : typeOids) {
            body.putInt(oid);
        }
        return message('t', body.array());
    }

    /** All of these, one behind the other. */
    public static byte[] concat(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    public static byte[] cstring(String text) {
        return concat(text.getBytes(StandardCharsets.UTF_8), new byte[1]);
    }

    private static byte[] int16(int value) {
        return ByteBuffer.allocate(2).putShort((short) value).array();
    }

    private static byte[] fields(String severity, String sqlState, String text) {
        return concat(
                cstring("S" + severity),
                cstring("V" + severity),
                cstring("C" + sqlState),
                cstring("M" + text),
                new byte[1]);
    }
}
