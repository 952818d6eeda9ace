package io.github.pgpure.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.github.pgpure.protocol.Format;
import io.github.pgpure.protocol.FrontendBuffer;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** The getters of primitive types allocate nothing on fixed-width types. */
class AllocationTests {

    private static final int RUNS = 100_000;

    private final Codecs codecs = new Codecs();
    private final ConversionContext context = codecs.context();
    private final byte[] bytes = Codecs.padded(new byte[] {0, 0, 0, 0, 0, 0, 0, 5});

    private interface Reader {
        double read();
    }

    private static long allocatedPerRun(Reader reader) {
        assumeTrue(ManagementFactory.getThreadMXBean() instanceof ThreadMXBean);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        double sum = 0;
        for (int i = 0; i < RUNS; i++) {
            sum += reader.read();
        }
        long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
        for (int i = 0; i < RUNS; i++) {
            sum += reader.read();
        }
        long after = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
        assertThat(sum).isNotNaN();
        return (after - before) / RUNS;
    }

    @Test
    void primitiveGettersAllocateNothing() {
        Codec int4 = codecs.codec(23);
        Codec int8 = codecs.codec(20);
        Codec int2 = codecs.codec(21);
        Codec float8 = codecs.codec(701);
        Codec float4 = codecs.codec(700);
        Codec bool = codecs.codec(16);
        assertThat(allocatedPerRun(() -> int4.decodeInt(context, Format.BINARY, bytes, 3, 4)))
                .isZero();
        assertThat(allocatedPerRun(() -> int4.decodeLong(context, Format.BINARY, bytes, 3, 4)))
                .isZero();
        assertThat(allocatedPerRun(() -> int2.decodeInt(context, Format.BINARY, bytes, 3, 2)))
                .isZero();
        assertThat(allocatedPerRun(() -> int8.decodeLong(context, Format.BINARY, bytes, 3, 8)))
                .isZero();
        assertThat(allocatedPerRun(() -> int8.decodeInt(context, Format.BINARY, bytes, 3, 8)))
                .isZero();
        assertThat(allocatedPerRun(() -> float8.decodeDouble(context, Format.BINARY, bytes, 3, 8)))
                .isZero();
        assertThat(allocatedPerRun(() -> float4.decodeDouble(context, Format.BINARY, bytes, 3, 4)))
                .isZero();
        assertThat(allocatedPerRun(() -> bool.decodeBoolean(context, Format.BINARY, bytes, 10, 1) ? 1 : 0))
                .isZero();
    }

    @Test
    void findingACodecAllocatesNothing() {
        TypeRegistry.Snapshot snapshot = codecs.registry.snapshot();
        assertThat(allocatedPerRun(() -> snapshot.codec(3802) == null ? 0 : 1)).isZero();
    }

    @Test
    void writingSmallNumericsAllocatesNoMoreThanBigDecimalDoesForItsDigits() {
        NumericCodec numeric = (NumericCodec) codecs.codec(1700);
        FrontendBuffer out = new FrontendBuffer();
        var value = new java.math.BigDecimal("12345.678");
        assertThat(allocatedPerRun(() -> {
                    out.clear();
                    numeric.writeBinary(context, value, out);
                    return out.position();
                }))
                .isLessThanOrEqualTo(64);
    }
}
