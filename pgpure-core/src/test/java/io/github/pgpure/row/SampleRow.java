package io.github.pgpure.row;

import io.github.pgpure.Column;
import io.github.pgpure.convert.Codec;
import io.github.pgpure.convert.ConversionContext;
import io.github.pgpure.convert.TypeRegistry;
import io.github.pgpure.protocol.Format;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Makes rows in binary format without a server, for measurements of what reading them allocates. */
final class SampleRow {

    private SampleRow() {}

    /** @param names of columns: id, number, amount, share, paid, small, name */
    static RawRow of(String... names) {
        List<Column> columns = new ArrayList<>();
        ByteBuffer bytes = ByteBuffer.allocate(64);
        for (String name : names) {
            columns.add(new Column(name, put(name, bytes), -1, 0, (short) 0));
        }
        TypeRegistry.Snapshot types = new TypeRegistry().snapshot();
        Codec[] codecs =
                columns.stream().map(column -> types.codec(column.typeOid())).toArray(Codec[]::new);
        Format[] formats = new Format[names.length];
        Arrays.fill(formats, Format.BINARY);
        var shape = new RowShape(columns, codecs, formats, new ConversionContext(types, ZoneOffset.UTC));
        return new RawRow(shape, bytes.array(), 0);
    }

    /** Returns the type's OID. */
    private static int put(String name, ByteBuffer bytes) {
        switch (name) {
            case "id":
                bytes.putInt(4).putInt(4711);
                return 23;
            case "number":
                bytes.putInt(8).putLong(1L << 40);
                return 20;
            case "amount":
                bytes.putInt(8).putDouble(19.95);
                return 701;
            case "share":
                bytes.putInt(4).putFloat(0.5f);
                return 700;
            case "paid":
                bytes.putInt(1).put((byte) 1);
                return 16;
            case "small":
                bytes.putInt(2).putShort((short) 7);
                return 21;
            case "name":
                bytes.putInt(5).put("Alice".getBytes(StandardCharsets.UTF_8));
                return 25;
            default:
                throw new IllegalArgumentException(name);
        }
    }
}
