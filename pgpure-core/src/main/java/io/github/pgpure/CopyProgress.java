package io.github.pgpure;

/** Is told how far a COPY has got; see {@link CopyOptions#onProgress}. */
@FunctionalInterface
public interface CopyProgress {

    /** The number of rows where only the server counts them. */
    long UNKNOWN_ROWS = -1;

    /**
     * Called on the thread that copies, about every 64 KiB and when the last of the data has been sent or received. What it throws gives the
     * copy up and reaches the caller; it must not use the connection that copies.
     *
     * @param rows the number of rows sent or received so far; {@link #UNKNOWN_ROWS} when a stream or file is copied, whose rows only the server
     *     tells apart
     * @param bytes the number of bytes sent or received so far
     */
    void copied(long rows, long bytes);
}
