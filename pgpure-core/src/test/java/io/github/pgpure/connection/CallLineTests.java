package io.github.pgpure.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CallLineTests {

    private static final int MOST = 1 << 16;

    private final CallLine line = new CallLine();

    @Test
    void keepsTheOrderWhileItGrows() {
        var random = new Random(1);
        Deque<LaneCall> expected = new ArrayDeque<>();
        long removed = 0;
        for (int i = 0; i < 20_000; i++) {
            // Grows to some thousands, then shrinks to nothing, again and again.
            if (random.nextInt(10) < (i / 5_000 % 2 == 0 ? 7 : 2)) {
                LaneCall call = call();
                expected.addLast(call);
                line.add(call);
            } else if (!expected.isEmpty()) {
                int count = 1 + random.nextInt(Math.min(3, expected.size()));
                for (int k = 0; k < count; k++) {
                    expected.removeFirst();
                }
                removed += count;
                line.removeUpTo(removed);
            }
            assertThat(line.size()).isEqualTo(expected.size());
            assertThat(line.isEmpty()).isEqualTo(expected.isEmpty());
            assertThat(line.first()).isSameAs(expected.peekFirst());
        }
        assertThat(line.head()).isEqualTo(removed);
        List<LaneCall> left = new ArrayList<>();
        for (long number = line.head(); number < line.tail(); number++) {
            left.add(line.get(number));
        }
        assertThat(left).containsExactlyElementsOf(expected);
    }

    @Test
    void whatWasAddedLastCanBeTakenBack() {
        LaneCall first = call();
        line.add(first);
        line.add(call());
        line.removeLast();
        assertThat(line.size()).isEqualTo(1);
        assertThat(line.tail()).isEqualTo(1);
        LaneCall next = call();
        line.add(next);
        assertThat(line.get(0)).isSameAs(first);
        assertThat(line.get(1)).isSameAs(next);
    }

    @Test
    void hasAnEnd() {
        for (int i = 0; i < MOST; i++) {
            assertThat(line.isFull()).isFalse();
            line.add(call());
        }
        assertThat(line.isFull()).isTrue();
        line.removeUpTo(1);
        assertThat(line.isFull()).isFalse();
        line.add(call());
        line.removeUpTo(MOST + 1);
        assertThat(line.isEmpty()).isTrue();
    }

    private static LaneCall call() {
        return new LaneCall(new StatementDescription());
    }
}
