package io.github.pgpure.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Mapping a row to a record allocates the record and its fields, and getters of primitives nothing. */
class RowAllocationTests {

    private static final int RUNS = 200_000;

    record Primitives(int id, long number, double amount, float share, boolean paid) {}

    record Named(int id, String name) {}

    private final RawRow row = SampleRow.of("id", "number", "amount", "share", "paid");
    private final RawRow named = SampleRow.of("id", "name");

    /** What was made must not be optimized away. */
    private volatile Object sink;

    private long allocatedPerRun(Supplier<?> work) {
        assumeTrue(ManagementFactory.getThreadMXBean() instanceof ThreadMXBean);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < RUNS; i++) {
            sink = work.get();
        }
        long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
        for (int i = 0; i < RUNS; i++) {
            sink = work.get();
        }
        return (threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before) / RUNS;
    }

    @Test
    void mappingAllocatesTheRecordAndItsFields() {
        long primitives = allocatedPerRun(() ->
                new Primitives(row.getInt(0), row.getLong(1), row.getDouble(2), row.getFloat(3), row.getBoolean(4)));
        assertThat(allocatedPerRun(() -> row.as(Primitives.class))).isEqualTo(primitives);
        long withString = allocatedPerRun(() -> new Named(named.getInt(0), named.getString(1)));
        assertThat(allocatedPerRun(() -> named.as(Named.class))).isEqualTo(withString);
    }

    @Test
    void gettersOfPrimitivesAllocateNothing() {
        assertThat(allocatedPerRun(() -> {
                    double sum = row.getInt(0) + row.getLong(1) + row.getDouble(2) + row.getFloat(3) + row.getInt("id");
                    return row.getBoolean(4) && sum > 0 ? "yes" : "no";
                }))
                .isZero();
    }
}
