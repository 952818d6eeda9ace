package io.github.pgpure.protocol;

import io.github.pgpure.PgProtocolException;

/** The transaction status that every {@code ReadyForQuery} reports. */
public enum TransactionStatus {
    /** Not in a transaction block ({@code I}). */
    IDLE,
    /** In a transaction block ({@code T}). */
    IN_TRANSACTION,
    /** In a failed transaction block; statements are refused until it ends ({@code E}). */
    FAILED;

    static TransactionStatus of(byte code) {
        return switch (code) {
            case 'I' -> IDLE;
            case 'T' -> IN_TRANSACTION;
            case 'E' -> FAILED;
            default ->
                throw new PgProtocolException(
                        "ReadyForQuery reports the unknown transaction status 0x" + Integer.toHexString(code & 0xff));
        };
    }
}
