package io.github.pgpure.protocol;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message to the server; each type is named as in the manual
 * (<a href="https://www.postgresql.org/docs/current/protocol-message-formats.html">Message Formats</a>).
 */
public sealed interface FrontendMessage {

    /** Appends this message to what is to be sent. */
    void encode(FrontendBuffer out);

    /**
     * Binds values to a prepared statement.
     *
     * @param portal the portal's name, empty for the unnamed one
     * @param statement the statement's name, empty for the unnamed one
     * @param values the values of its parameters
     * @param resultFormats the wanted format of each column
     */
    record Bind(String portal, String statement, Values values, Format[] resultFormats) implements FrontendMessage {

        /** The most values that the message's count of 16 bits can say. */
        public static final int MAX_PARAMETERS = 0xffff;

        /** The values of a statement's parameters. */
        public interface Values {

            /** A statement without parameters. */
            Values NONE = new Values() {
                @Override
                public int count() {
                    return 0;
                }

                @Override
                public Format format(int index) {
                    return Format.TEXT;
                }

                @Override
                public boolean write(int index, FrontendBuffer out) {
                    return false;
                }
            };

            int count();

            /** The format in which {@link #write} writes. */
            Format format(int index);

            /**
             * Writes one value, without its length.
             *
             * @return false for NULL, when nothing was written
             */
            boolean write(int index, FrontendBuffer out);
        }

        @Override
        public void encode(FrontendBuffer out) {
            int mark = begin(out, 'B');
            out.writeCString(portal);
            out.writeCString(statement);
            int count = values.count();
            if (count > MAX_PARAMETERS) {
                throw new IllegalArgumentException(
                        "a statement can have at most " + MAX_PARAMETERS + " parameters, not " + count);
            }
            out.writeShort(count);
            for (int i = 0; i < count; i++) {
                out.writeShort(values.format(i).code());
            }
            out.writeShort(count);
            for (int i = 0; i < count; i++) {
                int length = out.beginLength();
                if (values.write(i, out)) {
                    out.endLengthExclusive(length);
                } else {
                    out.truncate(length);
                    out.writeInt(-1);
                }
            }
            out.writeShort(resultFormats.length);
            for (Format format : resultFormats) {
                out.writeShort(format.code());
            }
            out.endLength(mark);
        }
    }

    /**
     * Asks the server to cancel what a session is running; sent on a connection of its own.
     *
     * @param processId that session's process id
     * @param secretKey that session's key; never shown
     */
    record CancelRequest(int processId, byte[] secretKey) implements FrontendMessage {

        private static final int CODE = 80877102;

        @Override
        public void encode(FrontendBuffer out) {
            int mark = out.beginLength();
            out.writeInt(CODE);
            out.writeInt(processId);
            out.writeBytes(secretKey);
            out.endLength(mark);
        }

        @Override
        public String toString() {
            return "CancelRequest[processId=" + processId + "]";
        }
    }

    /** What {@link Close} and {@link Describe} are about. */
    enum Target {
        STATEMENT('S'),
        PORTAL('P');

        private final char code;

        Target(char code) {
            this.code = code;
        }
    }

    record Close(Target target, String name) implements FrontendMessage {
        @Override
        public void encode(FrontendBuffer out) {
            int mark = begin(out, 'C');
            out.writeByte(target.code);
            out.writeCString(name);
            out.endLength(mark);
        }
    }

    /** @param bytes the data; only the first {@code length} of them count */
    record CopyData(byte[] bytes, int length) implements FrontendMessage {
        @Override
        public void encode(FrontendBuffer out) {
            int mark = begin(out, 'd');
            out.writeBytes(bytes, 0, length);
            out.endLength(mark);
        }
    }

    record CopyDone() implements FrontendMessage {
        @Override
        public void encode(FrontendBuffer out) {
            empty(out, 'c');
        }
    }

    /** @param reason the text of the error that the server will report */
    record CopyFail(String reason) implements FrontendMessage {
        @Override
        public void encode(FrontendBuffer out) {
            int mark = begin(out, 'f');
            out.writeCString(reason);
            out.endLength(mark);
        }
    }

    record Describe(Target target, String name) implements FrontendMessage {
        @Override
        public void encode(FrontendBuffer out) {
            int mark = begin(out, 'D');
            out.writeByte(target.code);
            out.writeCString(name);
            out.endLength(mark);
        }
    }

    /**
     * Runs a portal.
     *
     * @param portal its name, empty for the unnamed one
     * @param maxRows the most rows to return, 0 for all
     */
    record Execute(String portal, int maxRows) implements FrontendMessage {

        /** Runs the unnamed portal to its end. */
        public static final Execute ALL = new Execute("", 0);

        @Override
        public void encode(FrontendBuffer out) {
            int mark = begin(out, 'E');
            out.writeCString(portal);
            out.writeInt(maxRows);
            out.endLength(mark);
        }
    }

    record Flush() implements FrontendMessage {
        @Override
        public void encode(FrontendBuffer out) {
            empty(out, 'H');
        }
    }

    /**
     * Calls a function by its OID, arguments and result in binary.
     *
     * @param arguments its arguments, null for NULL
     */
    record FunctionCall(int functionOid, byte[] @Nullable [] arguments) implements FrontendMessage {
        @Override
        public void encode(FrontendBuffer out) {
            int mark = begin(out, 'F');
            out.writeInt(functionOid);
            out.writeShort(1);
            out.writeShort(Format.BINARY.code());
            out.writeShort(arguments.length);
            for (byte[] argument : arguments) {
                if (argument == null) {
                    out.writeInt(-1);
                } else {
                    out.writeInt(argument.length);
                    out.writeBytes(argument);
                }
            }
            out.writeShort(Format.BINARY.code());
            out.endLength(mark);
        }
    }

    record GSSENCRequest() implements FrontendMessage {

        private static final int CODE = 80877104;

        @Override
        public void encode(FrontendBuffer out) {
            out.writeInt(8);
            out.writeInt(CODE);
        }
    }

    record GSSResponse(byte[] data) implements FrontendMessage {
        @Override
        public void encode(FrontendBuffer out) {
            int mark = begin(out, 'p');
            out.writeBytes(data);
            out.endLength(mark);
        }

        @Override
        public String toString() {
            return "GSSResponse[]";
        }
    }

    /**
     * Prepares a statement.
     *
     * @param statement its name, empty for the unnamed one
     * @param sql its text
     * @param parameterTypes the OIDs of its parameters' types, as far as they are to be given; 0 leaves it to the server
     */
    record Parse(String statement, String sql, int[] parameterTypes) implements FrontendMessage {

        private static final int[] NO_TYPES = {};

        /** Leaves the types of all parameters to the server. */
        public Parse(String statement, String sql) {
            this(statement, sql, NO_TYPES);
        }

        @Override
        public void encode(FrontendBuffer out) {
            int mark = begin(out, 'P');
            out.writeCString(statement);
            out.writeCString(sql);
            out.writeShort(parameterTypes.length);
            for (int oid : parameterTypes) {
                out.writeInt(oid);
            }
            out.endLength(mark);
        }
    }

    /** @param password the password, or its hash; never shown */
    record PasswordMessage(String password) implements FrontendMessage {
        @Override
        public void encode(FrontendBuffer out) {
            int mark = begin(out, 'p');
            out.writeCString(password);
            out.endLength(mark);
        }

        @Override
        public String toString() {
            return "PasswordMessage[]";
        }
    }

    /** A simple query: one or several statements as text. */
    record Query(String sql) implements FrontendMessage {
        @Override
        public void encode(FrontendBuffer out) {
            int mark = begin(out, 'Q');
            out.writeCString(sql);
            out.endLength(mark);
        }
    }

    /** @param response the mechanism's first message; never shown */
    record SASLInitialResponse(String mechanism, byte[] response) implements FrontendMessage {
        @Override
        public void encode(FrontendBuffer out) {
            int mark = begin(out, 'p');
            out.writeCString(mechanism);
            out.writeInt(response.length);
            out.writeBytes(response);
            out.endLength(mark);
        }

        @Override
        public String toString() {
            return "SASLInitialResponse[mechanism=" + mechanism + "]";
        }
    }

    /** @param response the mechanism's next message; never shown */
    record SASLResponse(byte[] response) implements FrontendMessage {
        @Override
        public void encode(FrontendBuffer out) {
            int mark = begin(out, 'p');
            out.writeBytes(response);
            out.endLength(mark);
        }

        @Override
        public String toString() {
            return "SASLResponse[]";
        }
    }

    record SSLRequest() implements FrontendMessage {

        private static final int CODE = 80877103;

        @Override
        public void encode(FrontendBuffer out) {
            out.writeInt(8);
            out.writeInt(CODE);
        }
    }

    /**
     * Opens a session.
     *
     * @param version the protocol version: major in the upper, minor in the lower 16 bits
     * @param parameters {@code user}, {@code database} and run-time parameters
     */
    record StartupMessage(int version, Map<String, String> parameters) implements FrontendMessage {

        @Override
        public void encode(FrontendBuffer out) {
            int mark = out.beginLength();
            out.writeInt(version);
            for (Map.Entry<String, String> parameter : parameters.entrySet()) {
                out.writeCString(parameter.getKey());
                out.writeCString(parameter.getValue());
            }
            out.writeByte(0);
            out.endLength(mark);
        }
    }

    record Sync() implements FrontendMessage {
        @Override
        public void encode(FrontendBuffer out) {
            empty(out, 'S');
        }
    }

    record Terminate() implements FrontendMessage {
        @Override
        public void encode(FrontendBuffer out) {
            empty(out, 'X');
        }
    }

    private static int begin(FrontendBuffer out, char type) {
        out.writeByte(type);
        return out.beginLength();
    }

    private static void empty(FrontendBuffer out, char type) {
        out.writeByte(type);
        out.writeInt(4);
    }
}
