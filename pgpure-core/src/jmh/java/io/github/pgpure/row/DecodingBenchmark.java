package io.github.pgpure.row;

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

    private final RawRow row = SampleRow.of("id", "number", "amount", "share", "paid", "small", "name");
    private final RawRow one = SampleRow.of("id");
    private final RawRow primitives = SampleRow.of("id", "number", "amount", "share", "paid", "small");
    private final RawRow named = SampleRow.of("id", "name");

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
        return one.as(One.class);
    }

    @Benchmark
    public Primitives asRecordOfPrimitives() {
        return primitives.as(Primitives.class);
    }

    @Benchmark
    public Named asRecordWithString() {
        return named.as(Named.class);
    }
}
