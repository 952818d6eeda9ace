package io.github.pgpure.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.github.pgpure.Column;
import io.github.pgpure.convert.Codec;
import io.github.pgpure.convert.ConversionContext;
import io.github.pgpure.convert.TypeRegistry;
import io.github.pgpure.protocol.Format;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Mapping a row to a record allocates the record and its fields, and getters of primitives nothing. */
class RowAllocationTests {

    private static final int RUNS = 200_000;

    record Primitives(int id, long number, double amount, float share, boolean paid) {}

    record Named(int id, String name) {}

    private final RawRow row = row();

    /** What was made must not be optimized away. */
    private volatile Object sink;

    private static RawRow row() {
        TypeRegistry.Snapshot types = new TypeRegistry().snapshot();
        List<Column> columns = List.of(
                column("id", 23),
                column("number", 20),
                column("amount", 701),
                column("share", 700),
                column("paid", 16),
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
        bytes.putInt(5).put("Alice".getBytes(StandardCharsets.UTF_8));
        var shape = new RowShape(columns, codecs, formats, new ConversionContext(types, ZoneOffset.UTC));
        return new RawRow(shape, bytes.array(), 0);
    }

    private static Column column(String name, int typeOid) {
        return new Column(name, typeOid, -1, 0, (short) 0);
    }

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
        assertThat(allocatedPerRun(() -> row.asLenient(Primitives.class))).isEqualTo(primitives);
        long named = allocatedPerRun(() -> new Named(row.getInt(0), row.getString(5)));
        assertThat(allocatedPerRun(() -> row.asLenient(Named.class))).isEqualTo(named);
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
