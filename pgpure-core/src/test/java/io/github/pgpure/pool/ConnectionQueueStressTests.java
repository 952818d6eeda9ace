package io.github.pgpure.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.pool.ConnectionQueue.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many threads that take, return, break and abandon, while others interrupt them: nothing is shared, lost or left waiting. */
@Timeout(120)
class ConnectionQueueStressTests {

    private static final int MAX = 4;
    private static final int THREADS = 24;
    private static final int ROUNDS = 4_000;
    private static final long LONG_NANOS = 60_000_000_000L;

    private static final class OwnedSlot extends Slot {
        final AtomicReference<Thread> owner = new AtomicReference<>();
    }

    private final ConnectionQueue<OwnedSlot> queue = new ConnectionQueue<>(MAX, 2);
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final LongAdder served = new LongAdder();
    private final LongAdder interrupted = new LongAdder();
    private final LongAdder timedOut = new LongAdder();

    @Test
    void nothingIsSharedLostOrLeftWaiting() throws Exception {
        long seed = Long.getLong("pgpure.test.seed", System.nanoTime());
        System.out.println("ConnectionQueueStressTests: -Dpgpure.test.seed=" + seed);
        var done = new CountDownLatch(THREADS);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            var random = new Random(seed + i);
            threads.add(new Thread(() -> {
                try {
                    for (int round = 0; round < ROUNDS; round++) {
                        takeAndReturn(random);
                    }
                } catch (Throwable t) {
                    failures.add(t);
                } finally {
                    done.countDown();
                }
            }));
        }
        threads.forEach(Thread::start);
        var stop = new AtomicBoolean();
        var interrupter = new Thread(() -> {
            var random = new Random(seed - 1);
            while (!stop.get()) {
                threads.get(random.nextInt(THREADS)).interrupt();
                LockSupport.parkNanos(100_000);
            }
        });
        interrupter.start();
        done.await();
        stop.set(true);
        interrupter.join();
        assertThat(failures).as("seed %d", seed).isEmpty();
        QueueCounts counts = queue.counts();
        System.out.println(
                "served " + served + ", interrupted " + interrupted + ", timed out " + timedOut + ", " + counts);
        assertThat(counts.active()).as("seed %d", seed).isZero();
        assertThat(counts.waiting()).isZero();
        assertThat(counts.opening()).isZero();
        assertThat(counts.idle()).isEqualTo(counts.total());
        assertThat(counts.released()).isEqualTo(served.sum());
        assertThat(served.sum() + interrupted.sum() + timedOut.sum()).isEqualTo((long) THREADS * ROUNDS);
        assertThat(interrupted.sum()).isPositive();
        assertThat(timedOut.sum()).isPositive();
    }

    private void takeAndReturn(Random random) {
        OwnedSlot slot = queue.poll(System.nanoTime());
        if (slot == null) {
            boolean patient = random.nextInt(10) > 0;
            Waiter<OwnedSlot> waiter = queue.enter(false, System.nanoTime());
            open();
            long limit = patient ? LONG_NANOS : random.nextInt(50_000);
            Outcome outcome = queue.await(waiter, System.nanoTime() + limit);
            if (outcome == Outcome.INTERRUPTED) {
                assertThat(Thread.interrupted()).isTrue();
                interrupted.increment();
                return;
            }
            if (outcome == Outcome.TIMED_OUT) {
                assertThat(patient).as("a lost wake-up").isFalse();
                timedOut.increment();
                return;
            }
            assertThat(outcome).isEqualTo(Outcome.SERVED);
            slot = waiter.slot();
        }
        Thread.interrupted();
        served.increment();
        assertThat(slot.owner.compareAndSet(null, Thread.currentThread()))
                .as("shared")
                .isTrue();
        if (random.nextInt(4) == 0) {
            Thread.yield();
        }
        slot.owner.set(null);
        long now = System.nanoTime();
        switch (random.nextInt(20)) {
            case 0 -> {
                queue.remove(slot, now);
                open();
            }
            case 1 -> {
                queue.setAside(slot, now);
                queue.offer(slot, now);
            }
            default -> queue.release(slot, now);
        }
    }

    /** Uses of no length at all, most of which never see the lock, while others look, suspend and resume, and in the end close the queue. */
    @Test
    void shortUsesBesideThoseWhoLookAndClose() throws Exception {
        long seed = Long.getLong("pgpure.test.seed", System.nanoTime());
        System.out.println("ConnectionQueueStressTests: -Dpgpure.test.seed=" + seed);
        open();
        open();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            threads.add(new Thread(() -> {
                try {
                    while (useShortly()) {}
                } catch (Throwable t) {
                    failures.add(t);
                }
            }));
        }
        threads.forEach(Thread::start);
        var random = new Random(seed);
        for (int round = 0; round < ROUNDS && failures.isEmpty(); round++) {
            switch (random.nextInt(5)) {
                case 0 -> assertThat(queue.counts().total()).isLessThanOrEqualTo(MAX);
                case 1 ->
                    queue.idleMembers().forEach(slot -> {
                        if (queue.takeIdle(slot)) {
                            assertThat(slot.owner.get()).isNull();
                            queue.offer(slot, System.nanoTime());
                        }
                    });
                case 2 -> queue.holdings(System.nanoTime());
                case 3 -> {
                    queue.suspend();
                    queue.resume(System.nanoTime());
                }
                default -> open();
            }
            LockSupport.parkNanos(random.nextInt(200_000));
        }
        queue.close(new IllegalStateException("closed")).forEach(slot -> queue.remove(slot, System.nanoTime()));
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).as("seed %d", seed).isEmpty();
        assertThat(queue.awaitEmpty(0)).isTrue();
        assertThat(queue.counts().released()).isEqualTo(served.sum());
        System.out.println("served " + served + " short uses, " + queue.counts());
    }

    /** False once the queue is closed. */
    private boolean useShortly() {
        OwnedSlot slot = queue.poll(System.nanoTime());
        if (slot == null) {
            Waiter<OwnedSlot> waiter = queue.enter(false, System.nanoTime());
            Outcome outcome = queue.await(waiter, System.nanoTime() + LONG_NANOS);
            if (outcome == Outcome.FAILED) {
                return false;
            }
            assertThat(outcome).as("a lost wake-up").isEqualTo(Outcome.SERVED);
            slot = waiter.slot();
            slot.heldAtNanos = System.nanoTime();
        }
        if (!slot.owner.compareAndSet(null, Thread.currentThread())) {
            throw new AssertionError("shared");
        }
        served.increment();
        slot.owner.set(null);
        if (!queue.release(slot, System.nanoTime())) {
            queue.remove(slot, System.nanoTime());
        }
        return true;
    }

    private void open() {
        for (int claimed = queue.claimOpenings(2, false); claimed > 0; claimed--) {
            queue.opened(new OwnedSlot(), System.nanoTime());
        }
    }
}
