package io.github.pgpure.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.ConversionException;
import io.github.pgpure.protocol.Format;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Whatever bytes come, the answer is a value or a {@link ConversionException}, soon and within bounds. */
class HostileBytesFuzzTests {

    private static final int ROUNDS = 5_000;

    private final Codecs codecs = new Codecs();

    private List<ValueCodec> all() {
        codecs.registry.resolve(
                new int[] {90001, 90002, 90003, 90004, 90005},
                sql -> List.of(
                        new String[] {"90001", "public", "hstore", "b", "0", ",", "t", null, null},
                        new String[] {"90002", "public", "vector", "b", "0", ",", "t", null, null},
                        new String[] {"90003", "public", "pair", "c", "0", ",", "t", "a", "23"},
                        new String[] {"90003", "public", "pair", "c", "0", ",", "t", "b", "1009"},
                        new String[] {"90004", "public", "_pair", "a", "90003", ",", "t", null, null},
                        new String[] {"90005", "public", "mood", "e", "0", ",", "t", "sad", "0"}));
        List<ValueCodec> all = new ArrayList<>();
        for (int oid = 1; oid < 7000; oid++) {
            ValueCodec codec = codecs.registry.snapshot().valueCodec(oid);
            if (codec != null) {
                all.add(codec);
            }
        }
        for (int oid = 90001; oid <= 90005; oid++) {
            all.add(codecs.codec(oid));
        }
        return all;
    }

    @Test
    void randomBytesNeverEscapeAsAnotherException() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        List<ValueCodec> all = all();
        assertThat(all).hasSizeGreaterThan(150);
        byte[][] seeds = WireFormatTests.values()
                .map(arguments -> HexFormat.of().parseHex((String) arguments.get()[2]))
                .toArray(byte[][]::new);
        byte[][] texts = WireFormatTests.values()
                .map(arguments -> ((String) arguments.get()[3]).getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
        for (int i = 0; i < ROUNDS; i++) {
            ValueCodec codec = all.get(random.nextInt(all.size()));
            boolean text = random.nextInt(3) == 0;
            byte[] bytes = mutated(text ? texts : seeds, random);
            decode(codec, text ? Format.TEXT : Format.BINARY, bytes, seed);
        }
    }

    private static byte[] mutated(byte[][] seeds, SplittableRandom random) {
        byte[] bytes = seeds[random.nextInt(seeds.length)].clone();
        if (random.nextInt(4) == 0) {
            bytes = new byte[random.nextInt(64)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) random.nextInt();
            }
        }
        for (int n = random.nextInt(4); n > 0 && bytes.length > 0; n--) {
            bytes[random.nextInt(bytes.length)] =
                    (byte) (random.nextBoolean() ? random.nextInt() : random.nextInt(3) - 1);
        }
        return random.nextInt(4) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)) : bytes;
    }

    private void decode(ValueCodec codec, Format format, byte[] bytes, long seed) {
        byte[] padded = Codecs.padded(bytes);
        List<Class<?>> types = List.of(
                Object.class,
                String.class,
                int[].class,
                Object[].class,
                Long.class,
                List.class,
                int.class,
                boolean.class);
        for (Class<?> type : types) {
            try {
                codec.decode(codecs.context(), format, padded, 3, bytes.length, type);
                codec.decodeInt(codecs.context(), format, padded, 3, bytes.length);
                codec.decodeDouble(codecs.context(), format, padded, 3, bytes.length);
            } catch (ConversionException expected) {
                assertThat(expected.getMessage()).startsWith("cannot read");
            } catch (Throwable e) {
                throw new AssertionError(
                        codec.typeName() + " as " + type + " from " + format + " "
                                + HexFormat.of().formatHex(bytes) + ", seed " + seed,
                        e);
            }
        }
    }

    @Test
    void anArrayCannotClaimMoreElementsThanItHasBytesFor() {
        for (String dimensions : List.of(
                "00000001" + "0000000000000017" + "7fffffff00000001",
                "00000001" + "0000000000000017" + "ffffffff00000001",
                "00000002" + "0000000000000017" + "7fffffff00000001" + "0000000000000001",
                "00000006" + "0000000000000017" + "7fffffff00000001".repeat(6),
                "00000006" + "0000000000000017" + "0001000000000001".repeat(6),
                "7fffffff" + "0000000000000017",
                "ffffffff" + "0000000000000017",
                "00000001" + "0000000000000017" + "0000000100000001" + "7fffffff",
                "00000001" + "0000000000000017" + "0000000100000001" + "fffffffe")) {
            assertThatThrownBy(() -> codecs.decode(1007, dimensions)).isInstanceOf(ConversionException.class);
            assertThatThrownBy(() -> codecs.decode(1007, dimensions, int[].class))
                    .isInstanceOf(ConversionException.class);
        }
    }

    @Test
    void boundThatNoDateCanBeIsAnErrorOfReading() {
        String range = "02" + "00000004" + "01000001" + "00000004" + "ed000005";
        assertThatThrownBy(() -> codecs.decode(3912, range, String.class))
                .isInstanceOf(ConversionException.class)
                .hasMessageStartingWith("cannot read this daterange");
    }

    @Test
    void recordsCannotBeNestedUntilTheStackIsFull() {
        byte[] inner = HexFormat.of().parseHex("00000000");
        for (int i = 0; i < 2_000; i++) {
            java.nio.ByteBuffer outer = java.nio.ByteBuffer.allocate(inner.length + 12);
            outer.putInt(1).putInt(2249).putInt(inner.length).put(inner);
            inner = outer.array();
        }
        String hex = HexFormat.of().formatHex(inner);
        assertThatThrownBy(() -> codecs.decode(2249, hex))
                .isInstanceOf(ConversionException.class)
                .hasMessageContaining("64 records");
        assertThatThrownBy(() -> codecs.decode(2249, hex, String.class)).isInstanceOf(ConversionException.class);
    }

    @Test
    void typesThatAreSaidToContainThemselvesBecomeText() {
        codecs.registry.resolve(
                new int[] {5, 6},
                sql -> List.of(
                        new String[] {"5", "public", "a", "d", "6", ",", "t", null, null},
                        new String[] {"6", "public", "b", "a", "5", ",", "t", null, null}));
        codecs.decodeText(5, "{x}");
        codecs.decodeText(6, "{x}");
    }
}
