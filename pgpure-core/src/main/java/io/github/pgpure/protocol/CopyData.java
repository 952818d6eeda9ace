package io.github.pgpure.protocol;

import java.io.IOException;
import java.io.OutputStream;

/** A piece of COPY data, as a view on the decoder's buffer: valid until the decoder's next message. */
public final class CopyData implements BackendMessage {

    private byte[] buffer = new byte[0];
    private int offset;
    private int length;

    CopyData() {}

    void set(byte[] buffer, int offset, int length) {
        this.buffer = buffer;
        this.offset = offset;
        this.length = length;
    }

    /** The number of bytes. */
    public int length() {
        return length;
    }

    /** Copies the bytes. */
    public void copyTo(byte[] target, int at) {
        System.arraycopy(buffer, offset, target, at, length);
    }

    /** Writes the bytes. */
    public void writeTo(OutputStream sink) throws IOException {
        sink.write(buffer, offset, length);
    }

    @Override
    public String toString() {
        return "CopyData[" + length + " bytes]";
    }
}
