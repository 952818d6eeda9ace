package io.github.pgpure.protocol;

import static io.github.pgpure.test.BackendMessages.authentication;
import static io.github.pgpure.test.BackendMessages.authenticationSASL;
import static io.github.pgpure.test.BackendMessages.backendKeyData;
import static io.github.pgpure.test.BackendMessages.commandComplete;
import static io.github.pgpure.test.BackendMessages.concat;
import static io.github.pgpure.test.BackendMessages.cstring;
import static io.github.pgpure.test.BackendMessages.dataRow;
import static io.github.pgpure.test.BackendMessages.errorResponse;
import static io.github.pgpure.test.BackendMessages.message;
import static io.github.pgpure.test.BackendMessages.noticeResponse;
import static io.github.pgpure.test.BackendMessages.notificationResponse;
import static io.github.pgpure.test.BackendMessages.parameterDescription;
import static io.github.pgpure.test.BackendMessages.parameterStatus;
import static io.github.pgpure.test.BackendMessages.readyForQuery;
import static io.github.pgpure.test.BackendMessages.rowDescription;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.pgpure.PgProtocolException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The decoder with every message there is, cut into pieces of any size and damaged in any way. */
class BackendDecoderFuzzTests {

    private static final byte[][] MESSAGES = {
        authentication(0, new byte[0]),
        authentication(2, new byte[0]),
        authentication(3, new byte[0]),
        authentication(5, new byte[] {1, 2, 3, 4}),
        authentication(7, new byte[0]),
        authentication(8, new byte[] {1, 2}),
        authentication(9, new byte[0]),
        authenticationSASL("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"),
        authentication(11, new byte[] {5, 6}),
        authentication(12, new byte[] {7}),
        backendKeyData(-5, 6),
        message('2', new byte[0]),
        message('3', new byte[0]),
        commandComplete("INSERT 0 12345678901"),
        message('d', new byte[] {1, 2, 3}),
        message('c', new byte[0]),
        message('G', new byte[] {0, 0, 2, 0, 0, 0, 0}),
        message('H', new byte[] {1, 0, 1, 0, 1}),
        message('W', new byte[] {0, 0, 0}),
        dataRow("a", null, "", "größe"),
        dataRow(),
        message('I', new byte[0]),
        errorResponse("FATAL", "57P01", "going down"),
        noticeResponse("NOTICE", "00000", "by the way"),
        message('V', new byte[] {-1, -1, -1, -1}),
        message('V', new byte[] {0, 0, 0, 2, 8, 9}),
        message('v', concat(new byte[] {0, 0, 0, 0, 0, 0, 0, 1}, cstring("_pq_.x"))),
        message('n', new byte[0]),
        notificationResponse(7, "channel", "payload"),
        parameterDescription(23, 25, 1700),
        parameterStatus("TimeZone", "Europe/Zürich"),
        message('1', new byte[0]),
        message('s', new byte[0]),
        readyForQuery('I'),
        readyForQuery('T'),
        readyForQuery('E'),
        rowDescription("id", "name"),
        dataRow("x".repeat(40_000), "y"),
        message('d', new byte[200_000]),
    };

    @Test
    void understandsEveryMessage() {
        List<String> all = feed(concat(MESSAGES), Integer.MAX_VALUE, new Random(1));
        assertThat(all).hasSize(MESSAGES.length);
        assertThat(all.get(10)).isEqualTo("BackendKeyData[-5, [0, 0, 0, 6]]");
        assertThat(all.get(13)).isEqualTo("CommandComplete[INSERT 0 12345678901]");
        assertThat(all.get(28)).contains("channel", "payload", "7");
        assertThat(all.get(29)).isEqualTo("ParameterDescription[[23, 25, 1700]]");
        assertThat(all.get(30)).isEqualTo("ParameterStatus[TimeZone, Europe/Zürich]");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 100, 5_000, 100_000})
    void piecesMakeNoDifference(int largest) {
        byte[] bytes = concat(MESSAGES);
        List<String> whole = feed(bytes, Integer.MAX_VALUE, new Random(1));
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int i = 0; i < 20; i++) {
            assertThat(feed(bytes, largest, random))
                    .as("seed %d, round %d", seed, i)
                    .isEqualTo(whole);
        }
    }

    @Test
    void damageIsAProtocolViolationOrAnotherMessageButNothingElse() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        int violations = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = concat(
                    MESSAGES[random.nextInt(MESSAGES.length - 2)], MESSAGES[random.nextInt(MESSAGES.length - 2)]);
            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                bytes[random.nextInt(bytes.length)] =
                        (byte) (random.nextBoolean() ? random.nextInt() : random.nextInt(8));
            }
            try {
                feed(bytes, 1 + random.nextInt(bytes.length), random);
            } catch (PgProtocolException e) {
                violations++;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed + ", round " + i + ": " + Arrays.toString(bytes), e);
            }
        }
        assertThat(violations).isGreaterThan(1_000);
    }

    /** What is cut out of a message's body while its length says so is missing, and noticed. */
    @Test
    void messageShortenedWithItsLengthIsNoticedOrAnotherMessage() {
        for (byte[] message : MESSAGES) {
            for (int length = 5; length < Math.min(message.length, 300); length++) {
                byte[] shortened = Arrays.copyOf(message, length);
                ByteBuffer.wrap(shortened).putInt(1, length - 1);
                try {
                    assertThat(feed(shortened, Integer.MAX_VALUE, new Random(1)))
                            .hasSizeLessThanOrEqualTo(1);
                } catch (PgProtocolException expected) {
                    assertThat(expected).hasMessageContaining("the server");
                }
            }
        }
    }

    @Test
    void announcementOfALargeMessageTakesNoMemory() {
        var decoder = new BackendDecoder();
        decoder.established();
        long before = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
        put(decoder, message('D', 0x7fff_fe00, new byte[100]), 0, 105);
        assertThat(decoder.next()).isNull();
        assertThat(decoder.free().capacity()).isLessThan(1 << 20);
        assertThat(Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory() - before)
                .isLessThan(64L << 20);
    }

    @Test
    void lengthsBeyondTheLimitsAreRefusedAtOnce() {
        for (int length : new int[] {Integer.MIN_VALUE, -1, 0, 3, Integer.MAX_VALUE}) {
            var decoder = new BackendDecoder();
            decoder.established();
            put(decoder, message('Z', length, new byte[0]), 0, 5);
            assertThatExceptionOfType(PgProtocolException.class)
                    .isThrownBy(decoder::next)
                    .withMessageContaining(String.valueOf(length));
        }
        var login = new BackendDecoder();
        put(login, message('E', 100_000, new byte[0]), 0, 5);
        assertThatExceptionOfType(PgProtocolException.class).isThrownBy(login::next);
    }

    private static List<String> feed(byte[] bytes, int largest, Random random) {
        var decoder = new BackendDecoder();
        decoder.established();
        List<String> messages = new ArrayList<>();
        int at = 0;
        while (at < bytes.length) {
            int piece = Math.min(
                    bytes.length - at, largest == Integer.MAX_VALUE ? Integer.MAX_VALUE : 1 + random.nextInt(largest));
            at += put(decoder, bytes, at, piece);
            for (BackendMessage message = decoder.next(); message != null; message = decoder.next()) {
                messages.add(describe(message));
            }
        }
        return messages;
    }

    private static int put(BackendDecoder decoder, byte[] bytes, int offset, int length) {
        ByteBuffer free = decoder.free();
        int count = Math.min(free.remaining(), length);
        assertThat(count).isPositive();
        free.put(bytes, offset, count);
        decoder.received();
        return count;
    }

    static String describe(BackendMessage message) {
        try {
            if (message instanceof DataRow row) {
                byte[] bytes = new byte[row.length()];
                row.copyTo(bytes, 0);
                return "DataRow " + row.columnCount() + " " + Arrays.toString(bytes);
            }
            if (message instanceof CopyData data) {
                var sink = new ByteArrayOutputStream();
                data.writeTo(sink);
                return "CopyData " + Arrays.toString(sink.toByteArray());
            }
            var values = new ArrayList<String>();
            for (RecordComponent component : message.getClass().getRecordComponents()) {
                component.getAccessor().setAccessible(true);
                String value = Arrays.deepToString(
                        new Object[] {component.getAccessor().invoke(message)});
                values.add(value.substring(1, value.length() - 1));
            }
            return message.getClass().getSimpleName() + values;
        } catch (IOException | ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
