package io.github.pgpure.protocol;

import io.github.pgpure.Column;
import io.github.pgpure.Notification;
import io.github.pgpure.PgProtocolException;
import io.github.pgpure.ServerMessage;
import io.github.pgpure.protocol.AuthenticationMessage.*;
import io.github.pgpure.protocol.BackendMessage.*;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns the server's bytes into messages.
 *
 * <pre>
 *   byte type | int32 length, itself included | body
 * </pre>
 *
 * <p>The server is not trusted: lengths are checked against limits and against the bytes there are, and the buffer grows only as
 * bytes arrive, never because a length announces them. Any violation is a {@link PgProtocolException}, after which the connection must
 * be closed. For one thread at a time.
 */
public final class BackendDecoder {

    private static final int HEADER = 5;

    private static final int INITIAL_CAPACITY = 16 * 1024;

    /** Where results are large, larger reads save system calls. */
    private static final int LARGE_CAPACITY = 128 * 1024;

    /** What stays allocated after a message that needed more. */
    private static final int RETAINED_CAPACITY = 256 * 1024;

    /** libpq's bound for what arrives before a session is established is 30,000; errors may be longer. */
    private static final int MAX_STARTUP_LENGTH = 64 * 1024;

    /** A value can have 1 GB, a row of COPY a little more with its escapes. */
    private static final int MAX_DATA_LENGTH = 0x7fff_fe00;

    /** Some JVMs cannot allocate arrays of quite {@code Integer.MAX_VALUE}. */
    private static final int MAX_CAPACITY = Integer.MAX_VALUE - 16;

    private static final int MAX_OTHER_LENGTH = 64 * 1024 * 1024;

    private byte[] buffer = new byte[INITIAL_CAPACITY];
    private ByteBuffer free = ByteBuffer.wrap(buffer);
    private int position;
    private int limit;
    private boolean established;

    private byte[] lastTagBytes = {0};
    private CommandComplete lastCommand = new CommandComplete("");

    private final MessageReader reader = new MessageReader();
    private final DataRow dataRow = new DataRow();
    private final CopyData copyData = new CopyData();

    /** From now on the limits of an established session count. */
    public void established() {
        established = true;
    }

    /**
     * Where to put bytes that have arrived; there is always room for one at least. {@link #received()} must be called after bytes were
     * put there. Invalidates the views.
     */
    public ByteBuffer free() {
        if (position == limit) {
            position = 0;
            limit = 0;
            if (buffer.length > RETAINED_CAPACITY) {
                reallocate(INITIAL_CAPACITY);
            }
        } else if (limit == buffer.length || buffer.length - limit < buffer.length / 4) {
            makeRoom();
        }
        free.limit(buffer.length);
        free.position(limit);
        return free;
    }

    /** Takes note of the bytes that were put into {@link #free()}. */
    public void received() {
        // A full buffer says that there is more where this came from.
        if (free.position() == buffer.length && limit == 0 && buffer.length < LARGE_CAPACITY) {
            limit = free.position();
            reallocate(LARGE_CAPACITY);
            return;
        }
        limit = free.position();
    }

    /** The number of bytes that have arrived and are not decoded. */
    public int pending() {
        return limit - position;
    }

    /**
     * The next message.
     *
     * @return null when more bytes are needed
     * @throws PgProtocolException when the bytes cannot be a message
     */
    public @Nullable BackendMessage next() {
        int available = limit - position;
        if (available < HEADER) {
            return null;
        }
        char type = (char) (buffer[position] & 0xff);
        int length = (int) MessageReader.INT.get(buffer, position + 1);
        if (length < 4 || length > maxLength(type)) {
            throw new PgProtocolException("the server announced a message of type '" + MessageReader.printable(type)
                    + "' with the impossible length " + length + "; is it a PostgreSQL server?");
        }
        if (available - 1 < length) {
            return null;
        }
        int end = position + 1 + length;
        reader.set(type, buffer, position + HEADER, end);
        position = end;
        return decode(type);
    }

    private int maxLength(char type) {
        if (!established) {
            return MAX_STARTUP_LENGTH;
        }
        return type == 'D' || type == 'd' ? MAX_DATA_LENGTH : MAX_OTHER_LENGTH;
    }

    private BackendMessage decode(char type) {
        if (type == 'D') {
            return dataRow();
        }
        if (type == 'd') {
            copyData.set(reader.buffer(), reader.position(), reader.remaining());
            return copyData;
        }
        BackendMessage message = switch (type) {
            case '1' -> ParseComplete.INSTANCE;
            case '2' -> BindComplete.INSTANCE;
            case '3' -> CloseComplete.INSTANCE;
            case 'A' -> notification();
            case 'C' -> commandComplete();
            case 'c' -> CopyDone.INSTANCE;
            case 'E' -> new ErrorResponse(serverMessage());
            case 'G' -> copyInResponse();
            case 'H' -> copyOutResponse();
            case 'I' -> EmptyQueryResponse.INSTANCE;
            case 'K' -> backendKeyData();
            case 'N' -> new NoticeResponse(serverMessage());
            case 'n' -> NoData.INSTANCE;
            case 'R' -> authentication();
            case 'S' -> new ParameterStatus(reader.readCString(), reader.readCString());
            case 's' -> PortalSuspended.INSTANCE;
            case 'T' -> rowDescription();
            case 't' -> parameterDescription();
            case 'V' -> functionCallResponse();
            case 'v' -> negotiateProtocolVersion();
            case 'W' -> copyBothResponse();
            case 'Z' -> ReadyForQuery.of(TransactionStatus.of(reader.readByte()));
            default ->
                throw new PgProtocolException("the server sent a message of the unknown type '"
                        + MessageReader.printable(type) + "'; is it a PostgreSQL server?");
        };
        reader.expectEnd();
        return message;
    }

    private DataRow dataRow() {
        int columns = reader.readShort() & 0xffff;
        byte[] bytes = reader.buffer();
        int start = reader.position();
        int end = start + reader.remaining();
        int at = start;
        for (int i = 0; i < columns; i++) {
            if (end - at < 4) {
                throw reader.malformed("ends too early");
            }
            int length = (int) MessageReader.INT.get(bytes, at);
            at += 4;
            if (length < -1 || length > end - at) {
                throw reader.malformed("has a column of the impossible length " + length);
            }
            if (length > 0) {
                at += length;
            }
        }
        if (at != end) {
            throw reader.malformed("has " + (end - at) + " bytes too many");
        }
        dataRow.set(bytes, start, end - start, columns);
        return dataRow;
    }

    /** Most commands have the tag of the one before. */
    private CommandComplete commandComplete() {
        if (!reader.startsWith(lastTagBytes)) {
            lastTagBytes = reader.peekCString();
            lastCommand = new CommandComplete(reader.readCString());
        } else {
            reader.skip(lastTagBytes.length);
        }
        return lastCommand;
    }

    private NotificationResponse notification() {
        int pid = reader.readInt();
        return new NotificationResponse(new Notification(reader.readCString(), reader.readCString(), pid));
    }

    private ServerMessage serverMessage() {
        Map<Character, String> fields = new HashMap<>();
        for (byte code = reader.readByte(); code != 0; code = reader.readByte()) {
            fields.put((char) (code & 0xff), reader.readCString());
        }
        return new ServerMessage(fields);
    }

    private CopyInResponse copyInResponse() {
        Format format = format(reader.readByte());
        return new CopyInResponse(format, skipColumnFormats());
    }

    private CopyOutResponse copyOutResponse() {
        Format format = format(reader.readByte());
        return new CopyOutResponse(format, skipColumnFormats());
    }

    private CopyBothResponse copyBothResponse() {
        Format format = format(reader.readByte());
        return new CopyBothResponse(format, skipColumnFormats());
    }

    private int skipColumnFormats() {
        int columns = reader.readCount(2);
        for (int i = 0; i < columns; i++) {
            reader.readShort();
        }
        return columns;
    }

    private Format format(int code) {
        return switch (code) {
            case 0 -> Format.TEXT;
            case 1 -> Format.BINARY;
            default -> throw reader.malformed("has the unknown format code " + code);
        };
    }

    private BackendKeyData backendKeyData() {
        int pid = reader.readInt();
        int length = reader.remaining();
        if (length < 4 || length > 256) {
            throw reader.malformed("has a cancel key of " + length + " bytes");
        }
        return new BackendKeyData(pid, reader.readBytes(length));
    }

    /** Each case returns by itself: where they meet, the JVM would load all these classes to verify that each of them is a record. */
    private AuthenticationMessage authentication() {
        int code = reader.readInt();
        switch (code) {
            case 0:
                return new AuthenticationOk();
            case 2:
                return new AuthenticationKerberosV5();
            case 3:
                return new AuthenticationCleartextPassword();
            case 5:
                return new AuthenticationMD5Password(reader.readBytes(4));
            case 7:
                return new AuthenticationGSS();
            case 8:
                return new AuthenticationGSSContinue(reader.readBytes(reader.remaining()));
            case 9:
                return new AuthenticationSSPI();
            case 10:
                return new AuthenticationSASL(mechanisms());
            case 11:
                return new AuthenticationSASLContinue(reader.readBytes(reader.remaining()));
            case 12:
                return new AuthenticationSASLFinal(reader.readBytes(reader.remaining()));
            default:
                reader.readBytes(reader.remaining());
                return new AuthenticationUnknown(code);
        }
    }

    private List<String> mechanisms() {
        List<String> mechanisms = new ArrayList<>();
        for (String name = reader.readCString(); !name.isEmpty(); name = reader.readCString()) {
            mechanisms.add(name);
        }
        return List.copyOf(mechanisms);
    }

    private RowDescription rowDescription() {
        int count = reader.readCount(19);
        Column[] columns = new Column[count];
        Format[] formats = new Format[count];
        for (int i = 0; i < count; i++) {
            String name = reader.readCString();
            int tableOid = reader.readInt();
            short attribute = reader.readShort();
            int typeOid = reader.readInt();
            reader.readShort(); // the type's size
            int modifier = reader.readInt();
            formats[i] = format(reader.readShort());
            columns[i] = new Column(name, typeOid, modifier, tableOid, attribute);
        }
        return new RowDescription(List.of(columns), formats);
    }

    private ParameterDescription parameterDescription() {
        int[] oids = new int[reader.readCount(4)];
        for (int i = 0; i < oids.length; i++) {
            oids[i] = reader.readInt();
        }
        return new ParameterDescription(oids);
    }

    private FunctionCallResponse functionCallResponse() {
        int length = reader.readInt();
        return new FunctionCallResponse(length == -1 ? new byte[0] : reader.readBytes(length));
    }

    private NegotiateProtocolVersion negotiateProtocolVersion() {
        int minor = reader.readInt();
        int count = reader.readInt();
        if (count < 0 || count > reader.remaining()) {
            throw reader.malformed("counts " + count + " entries, which do not fit into it");
        }
        List<String> options = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            options.add(reader.readCString());
        }
        return new NegotiateProtocolVersion(minor, List.copyOf(options));
    }

    private void makeRoom() {
        int pending = limit - position;
        if (pending <= buffer.length / 2) {
            System.arraycopy(buffer, position, buffer, 0, pending);
            limit = pending;
            position = 0;
        } else {
            reallocate((int) Math.min(MAX_CAPACITY, buffer.length * 2L));
        }
    }

    private void reallocate(int capacity) {
        byte[] larger = new byte[capacity];
        System.arraycopy(buffer, position, larger, 0, limit - position);
        limit -= position;
        position = 0;
        buffer = larger;
        free = ByteBuffer.wrap(buffer);
    }
}
