package io.github.pgpure.protocol;

import io.github.pgpure.Column;
import io.github.pgpure.Notification;
import io.github.pgpure.ServerMessage;
import java.util.List;

/**
 * A message from the server; each type is named as in the manual
 * (<a href="https://www.postgresql.org/docs/current/protocol-message-formats.html">Message Formats</a>).
 *
 * <p>All are immutable values but {@link DataRow} and {@link CopyData}, which are views on the decoder's buffer and valid only
 * until its next message.
 */
public sealed interface BackendMessage permits BackendMessage.Plain, AuthenticationMessage, DataRow, CopyData {

    /** The messages that are plain immutable values. */
    sealed interface Plain extends BackendMessage
            permits BackendKeyData,
                    BindComplete,
                    CloseComplete,
                    CommandComplete,
                    CopyDone,
                    CopyInResponse,
                    CopyOutResponse,
                    CopyBothResponse,
                    EmptyQueryResponse,
                    ErrorResponse,
                    FunctionCallResponse,
                    NegotiateProtocolVersion,
                    NoData,
                    NoticeResponse,
                    NotificationResponse,
                    ParameterDescription,
                    ParameterStatus,
                    ParseComplete,
                    PortalSuspended,
                    ReadyForQuery,
                    RowDescription {}

    /**
     * What a cancel request needs.
     *
     * @param processId the backend's process id
     * @param secretKey its key: 4 bytes in protocol 3.0, up to 256 in 3.2; never shown
     */
    record BackendKeyData(int processId, byte[] secretKey) implements Plain {
        @Override
        public String toString() {
            return "BackendKeyData[processId=" + processId + "]";
        }
    }

    record BindComplete() implements Plain {
        static final BindComplete INSTANCE = new BindComplete();
    }

    record CloseComplete() implements Plain {
        static final CloseComplete INSTANCE = new CloseComplete();
    }

    /**
     * A command has run.
     *
     * @param tag the command tag, {@code INSERT 0 3} for example
     */
    record CommandComplete(String tag) implements Plain {

        /** The row count that ends the tag, 0 for a tag without one. */
        public long rowCount() {
            int at = tag.length();
            long count = 0;
            long unit = 1;
            while (at > 0 && tag.charAt(at - 1) >= '0' && tag.charAt(at - 1) <= '9' && tag.length() - at < 18) {
                at--;
                count += unit * (tag.charAt(at) - '0');
                unit *= 10;
            }
            return at > 0 && at < tag.length() && tag.charAt(at - 1) == ' ' ? count : 0;
        }
    }

    record CopyDone() implements Plain {
        static final CopyDone INSTANCE = new CopyDone();
    }

    /** @param format the overall format */
    record CopyInResponse(Format format, int columns) implements Plain {}

    /** @param format the overall format */
    record CopyOutResponse(Format format, int columns) implements Plain {}

    /** @param format the overall format */
    record CopyBothResponse(Format format, int columns) implements Plain {}

    record EmptyQueryResponse() implements Plain {
        static final EmptyQueryResponse INSTANCE = new EmptyQueryResponse();
    }

    record ErrorResponse(ServerMessage error) implements Plain {}

    /** @param result the raw result; empty for NULL */
    record FunctionCallResponse(byte[] result) implements Plain {}

    /**
     * The server does not know the protocol version or options that were asked for.
     *
     * @param minorVersion the newest minor version it knows
     * @param unrecognizedOptions the options it does not know
     */
    record NegotiateProtocolVersion(int minorVersion, List<String> unrecognizedOptions) implements Plain {}

    record NoData() implements Plain {
        static final NoData INSTANCE = new NoData();
    }

    record NoticeResponse(ServerMessage notice) implements Plain {}

    record NotificationResponse(Notification notification) implements Plain {}

    record ParameterDescription(int[] typeOids) implements Plain {}

    record ParameterStatus(String name, String value) implements Plain {}

    record ParseComplete() implements Plain {
        static final ParseComplete INSTANCE = new ParseComplete();
    }

    record PortalSuspended() implements Plain {
        static final PortalSuspended INSTANCE = new PortalSuspended();
    }

    record ReadyForQuery(TransactionStatus status) implements Plain {
        static final ReadyForQuery IDLE = new ReadyForQuery(TransactionStatus.IDLE);
        static final ReadyForQuery IN_TRANSACTION = new ReadyForQuery(TransactionStatus.IN_TRANSACTION);
        static final ReadyForQuery FAILED = new ReadyForQuery(TransactionStatus.FAILED);

        static ReadyForQuery of(TransactionStatus status) {
            return switch (status) {
                case IDLE -> IDLE;
                case IN_TRANSACTION -> IN_TRANSACTION;
                case FAILED -> FAILED;
            };
        }
    }

    /**
     * Describes the rows that follow.
     *
     * @param columns the columns, in order
     * @param formats the format of each; what a prepared statement's description says about it has no meaning
     */
    record RowDescription(List<Column> columns, Format[] formats) implements Plain {}
}
