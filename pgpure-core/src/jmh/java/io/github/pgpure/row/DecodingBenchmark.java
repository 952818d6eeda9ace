package io.github.pgpure.row;

import io.github.pgpure.Column;
import io.github.pgpure.convert.Codec;
import io.github.pgpure.convert.ConversionContext;
import io.github.pgpure.convert.TypeRegistry;
import io.github.pgpure.protocol.Format;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What reading a row costs: a getter of a fixed-width primitive allocates nothing, {@code as(Record)} the record and its fields.
 *
 * <p>The records below are 16, 40 and 24 bytes large with compressed class pointers, the String of 5 characters 24 and its array 24.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
public class DecodingBenchmark {

    public record One(int id) {}

    public record Primitives(int id, long number, double amount, float share, boolean paid, short small) {}

    public record Named(int id, String name) {}

    private final RawRow row = row();

    static RawRow row() {
        TypeRegistry.Snapshot types = new TypeRegistry().snapshot();
        List<Column> columns = List.of(
                column("id", 23),
                column("number", 20),
                column("amount", 701),
                column("share", 700),
                column("paid", 16),
                column("small", 21),
                column("name", 25));
        Codec[] codecs =
                columns.stream().map(column -> types.codec(column.typeOid())).toArray(Codec[]::new);
        Format[] formats = columns.stream().map(column -> Format.BINARY).toArray(Format[]::new);
        ByteBuffer bytes = ByteBuffer.allocate(64);
        bytes.putInt(4).putInt(4711);
        bytes.putInt(8).putLong(1L << 40);
        bytes.putInt(8).putDouble(19.95);
        bytes.putInt(4).putFloat(0.5f);
        bytes.putInt(1).put((byte) 1);
        bytes.putInt(2).putShort((short) 7);
        bytes.putInt(5).put("Alice".getBytes(StandardCharsets.UTF_8));
        var shape = new RowShape(columns, codecs, formats, new ConversionContext(types, ZoneOffset.UTC));
        return new RawRow(shape, bytes.array(), 0);
    }

    private static Column column(String name, int typeOid) {
        return new Column(name, typeOid, -1, 0, (short) 0);
    }

    @Benchmark
    public int getInt() {
        return row.getInt(0);
    }

    @Benchmark
    public int getIntByName() {
        return row.getInt("id");
    }

    @Benchmark
    public long getLong() {
        return row.getLong(1);
    }

    @Benchmark
    public double getDouble() {
        return row.getDouble(2);
    }

    @Benchmark
    public float getFloat() {
        return row.getFloat(3);
    }

    @Benchmark
    public boolean getBoolean() {
        return row.getBoolean(4);
    }

    @Benchmark
    public short getShort() {
        return row.getShort(5);
    }

    @Benchmark
    public String getString() {
        return row.getString(6);
    }

    @Benchmark
    public One asRecordOfOneInt() {
        return row.asLenient(One.class);
    }

    @Benchmark
    public Primitives asRecordOfPrimitives() {
        return row.asLenient(Primitives.class);
    }

    @Benchmark
    public Named asRecordWithString() {
        return row.asLenient(Named.class);
    }
}
