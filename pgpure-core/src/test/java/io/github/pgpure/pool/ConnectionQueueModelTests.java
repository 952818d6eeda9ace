package io.github.pgpure.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random sequences of calls on the queue and on a model of it that is too simple to be wrong: both must agree on who is served with
 * what, in which order, and on all counts.
 */
class ConnectionQueueModelTests {

    private static final int SEQUENCES = 300;
    private static final int STEPS = 400;

    /** So that uses are short and long, and waiters young and old. */
    private static final long[] STEP_NANOS = {0, 1_000, 4_000, 40_000, 400_000};

    @Test
    void queueAndModelAgree() {
        long seed = Long.getLong("pgpure.test.seed", System.nanoTime());
        System.out.println("ConnectionQueueModelTests: -Dpgpure.test.seed=" + seed);
        for (int i = 0; i < SEQUENCES; i++) {
            new Run(new Random(seed + i), "seed " + seed + ", sequence " + i).play();
        }
    }

    private static final class Run {

        final Random random;
        final String label;
        int max;
        int minIdle;
        final ConnectionQueue<Slot> queue;

        final LinkedList<Slot> idle = new LinkedList<>();
        final List<Slot> active = new ArrayList<>();
        final List<Slot> aside = new ArrayList<>();
        final LinkedList<Waiter<Slot>> waiting = new LinkedList<>();
        /** Who was woken for an idle member and has not looked yet. */
        Waiter<Slot> called;

        long now;
        int opening;
        int released;
        boolean suspended;

        Run(Random random, String label) {
            this.random = random;
            this.label = label;
            this.max = 1 + random.nextInt(6);
            this.minIdle = random.nextInt(max + 1);
            this.queue = new ConnectionQueue<>(max, minIdle);
        }

        void play() {
            for (int step = 0; step < STEPS; step++) {
                int action = random.nextInt(15);
                act(action);
                check(label + ", step " + step + ", action " + action);
            }
        }

        void act(int action) {
            now += STEP_NANOS[random.nextInt(STEP_NANOS.length)];
            switch (action) {
                case 0 -> {
                    Slot polled = queue.poll(now);
                    assertThat(polled).isSameAs(suspended || !mayOvertake() ? null : idle.peekFirst());
                    if (polled != null) {
                        active.add(idle.removeFirst());
                    }
                }
                case 1, 2, 3 -> {
                    boolean first = random.nextInt(8) == 0;
                    Waiter<Slot> waiter = queue.enter(first, now);
                    boolean available = !idle.isEmpty() && !suspended;
                    if (available && mayOvertake()) {
                        assertThat(waiter.slot()).isSameAs(idle.peekFirst());
                        active.add(idle.removeFirst());
                        return;
                    } else if (first) {
                        waiting.addFirst(waiter);
                    } else {
                        waiting.addLast(waiter);
                    }
                    if (available) {
                        given(idle.removeFirst(), true);
                    }
                }
                case 4, 5 -> {
                    if (!active.isEmpty()) {
                        Slot slot = pick(active);
                        boolean shortUse = now - slot.heldAtNanos < ConnectionQueue.SHORT_USE_NANOS;
                        assertThat(queue.release(slot, now)).isTrue();
                        released++;
                        if (shortUse && !waiting.isEmpty() && !suspended && mayOvertake()) {
                            idle.addFirst(slot);
                            call();
                        } else {
                            given(slot, true);
                        }
                    }
                }
                case 6 -> {
                    if (!waiting.isEmpty()) {
                        Waiter<Slot> waiter = waiting.remove(random.nextInt(waiting.size()));
                        assertThat(queue.leave(waiter)).isTrue();
                        if (called == waiter) {
                            called = null;
                        }
                        call();
                    }
                }
                case 7 -> {
                    int claimed = queue.claimOpenings(1 + random.nextInt(8), random.nextBoolean());
                    opening += claimed;
                    if (claimed > 0) {
                        assertThat(idle.size() + active.size() + aside.size() + opening)
                                .isLessThanOrEqualTo(max);
                    }
                }
                case 8 -> {
                    if (opening > 0) {
                        opening--;
                        if (random.nextInt(4) == 0) {
                            queue.openFailed();
                        } else {
                            var slot = new Slot();
                            assertThat(queue.opened(slot, now)).isTrue();
                            given(slot, false);
                        }
                    }
                }
                case 9 -> {
                    if (!active.isEmpty()) {
                        Slot slot = pick(active);
                        if (random.nextBoolean()) {
                            assertThat(queue.setAside(slot, now)).isTrue();
                            released++;
                        } else {
                            queue.refuse(slot);
                        }
                        aside.add(slot);
                    }
                }
                case 10 -> {
                    if (!aside.isEmpty()) {
                        Slot slot = pick(aside);
                        if (random.nextBoolean()) {
                            assertThat(queue.offer(slot, now)).isTrue();
                            given(slot, false);
                        } else {
                            assertThat(queue.remove(slot, now)).isTrue();
                        }
                    }
                }
                case 11 -> {
                    max = 1 + random.nextInt(6);
                    minIdle = random.nextInt(max + 1);
                    queue.resize(max, minIdle);
                }
                case 12 -> {
                    if (suspended || random.nextInt(4) > 0) {
                        suspended = false;
                        queue.resume(now);
                        while (!waiting.isEmpty() && !idle.isEmpty()) {
                            given(idle.removeFirst(), true);
                        }
                    } else {
                        suspended = true;
                        queue.suspend();
                    }
                }
                case 13 -> {
                    if (called != null) {
                        assertThat(called.takeCall()).isTrue();
                        queue.claim(called, now);
                        boolean waits = waiting.contains(called);
                        called = null;
                        if (waits && !idle.isEmpty() && !suspended) {
                            given(idle.removeFirst(), true);
                        }
                        call();
                    }
                }
                default -> {
                    if (!idle.isEmpty()) {
                        Slot slot = pick(idle);
                        assertThat(queue.takeIdle(slot)).isTrue();
                        assertThat(queue.takeIdle(slot)).isFalse();
                        aside.add(slot);
                    } else if (!active.isEmpty()) {
                        assertThat(queue.remove(pick(active), now)).isTrue();
                        released++;
                    }
                }
            }
        }

        void given(Slot slot, boolean front) {
            Waiter<Slot> waiter = suspended ? null : waiting.pollFirst();
            if (waiter != null) {
                assertThat(waiter.slot()).as(label).isSameAs(slot);
                active.add(slot);
            } else if (front) {
                idle.addFirst(slot);
            } else {
                idle.addLast(slot);
            }
        }

        boolean mayOvertake() {
            return waiting.isEmpty() || now - waiting.getFirst().enteredAtNanos < ConnectionQueue.PATIENCE_NANOS;
        }

        void call() {
            if (called == null && !idle.isEmpty() && !waiting.isEmpty() && !suspended) {
                called = waiting.getFirst();
            }
        }

        void check(String where) {
            QueueCounts counts = queue.counts();
            assertThat(counts.idle()).as(where).isEqualTo(idle.size()).isEqualTo(queue.idle());
            assertThat(counts.active()).as(where).isEqualTo(active.size());
            assertThat(counts.released()).as(where).isEqualTo(released);
            assertThat(counts.opening()).as(where).isEqualTo(opening);
            assertThat(counts.waiting()).as(where).isEqualTo(waiting.size()).isEqualTo(queue.waiting());
            assertThat(counts.total()).as(where).isEqualTo(idle.size() + active.size() + aside.size());
            assertThat(queue.idleMembers()).as(where).isEqualTo(idle);
            assertThat(suspended || idle.isEmpty() || waiting.isEmpty() || called != null)
                    .as(where)
                    .isTrue();
            assertThat(waiting).as(where).noneMatch(Waiter::isDone);
            assertThat(queue.isOversized()).as(where).isEqualTo(counts.total() > max);
            boolean room = counts.total() + opening < max;
            assertThat(queue.wantsMore()).as(where).isEqualTo(room && idle.size() < minIdle);
        }

        private Slot pick(List<Slot> from) {
            return from.remove(random.nextInt(from.size()));
        }
    }
}
