package io.github.pgpure.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.pgpure.pool.ConnectionQueue.Outcome;
import io.github.pgpure.transport.LongWaits;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the queue does, one call at a time; {@link ConnectionQueueModelTests} and {@link ConnectionQueueStressTests} do the rest. */
@Timeout(30)
class ConnectionQueueTests {

    private final ConnectionQueue<Slot> queue = new ConnectionQueue<>(2, 1);

    @Test
    void idleMemberUsedLastIsTakenFirst() {
        Slot a = opened();
        Slot b = opened();
        assertThat(poll()).isSameAs(a);
        assertThat(poll()).isSameAs(b);
        queue.release(a, now());
        queue.release(b, now());
        assertThat(poll()).isSameAs(b);
    }

    @Test
    void returnedMemberGoesToWhoeverHasWaitedLongestAndNotToANewcomer() throws Exception {
        Slot only = opened();
        poll();
        List<Integer> order = new CopyOnWriteArrayList<>();
        List<Thread> threads = new ArrayList<>();
        var newcomerHasTried = new CountDownLatch(1);
        for (int i = 0; i < 5; i++) {
            int number = i;
            var thread = new Thread(() -> {
                Waiter<Slot> waiter = queue.enter(false, now());
                if (queue.await(waiter, in(20_000)) == Outcome.SERVED) {
                    order.add(number);
                    awaitLatch(newcomerHasTried);
                    queue.release(only, now());
                }
            });
            threads.add(thread);
            thread.start();
            await().until(() -> queue.waiting() == number + 1);
        }
        queue.release(only, now());
        assertThat(poll()).isNull();
        newcomerHasTried.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(order).containsExactly(0, 1, 2, 3, 4);
        assertThat(queue.idle()).isEqualTo(1);
    }

    /** A thread that only looks in does not put itself to sleep for the sake of one that has just come. */
    @Test
    void afterATooShortUseTheFirstInLineIsWokenAndANewcomerMayBeFaster() {
        Slot only = opened();
        assertThat(queue.poll(1_000)).isSameAs(only);
        Waiter<Slot> first = queue.enter(false, 2_000);
        Waiter<Slot> second = queue.enter(false, 2_000);
        queue.release(only, 3_000);
        assertThat(first.isDone()).isFalse();
        assertThat(queue.poll(4_000)).isSameAs(only);
        queue.claim(first, 5_000); // too late
        assertThat(first.isDone()).isFalse();
        queue.release(only, 6_000);
        queue.claim(first, 7_000);
        assertThat(first.slot()).isSameAs(only);
        assertThat(second.isDone()).isFalse();
        // As soon as a statement may have been run, or somebody has waited for a while, everything goes by the line.
        queue.release(only, 7_000 + ConnectionQueue.SHORT_USE_NANOS);
        assertThat(second.slot()).isSameAs(only);
    }

    @Test
    void nobodyIsOvertakenWhoHasWaitedForAWhile() {
        Slot only = opened();
        assertThat(queue.poll(1_000)).isSameAs(only);
        Waiter<Slot> first = queue.enter(false, 2_000);
        Waiter<Slot> second = queue.enter(false, 900_000);
        queue.release(only, 3_000); // idle, the first one is on the way
        long late = 2_000 + ConnectionQueue.PATIENCE_NANOS;
        assertThat(queue.poll(late)).isNull();
        Waiter<Slot> newcomer = queue.enter(false, late);
        assertThat(newcomer.isDone()).isFalse();
        assertThat(first.slot()).isSameAs(only);
        only.heldAtNanos = late;
        queue.release(only, late + 900_000);
        assertThat(second.slot()).isSameAs(only);
    }

    @Test
    void whoIsWokenAndGivesUpHasTheNextOneWoken() {
        Slot only = opened();
        queue.poll(1_000);
        Waiter<Slot> first = queue.enter(false, 2_000);
        Waiter<Slot> second = queue.enter(false, 2_000);
        queue.release(only, 3_000);
        assertThat(queue.leave(first)).isTrue();
        assertThat(queue.await(second, in(20_000))).isEqualTo(Outcome.SERVED);
        assertThat(second.slot()).isSameAs(only);
    }

    @Test
    void whoWasServedADeadMemberGoesToTheHeadOfTheLine() {
        Slot only = opened();
        poll();
        Waiter<Slot> second = queue.enter(false, now());
        Waiter<Slot> first = queue.enter(true, now());
        queue.release(only, now() + ConnectionQueue.SHORT_USE_NANOS);
        assertThat(first.slot()).isSameAs(only);
        assertThat(second.isDone()).isFalse();
    }

    @Test
    void waitingEndsInTimeAndLeavesNothingBehind() {
        opened();
        poll();
        long start = System.nanoTime();
        Waiter<Slot> waiter = queue.enter(false, start);
        assertThat(queue.await(waiter, start + 50_000_000)).isEqualTo(Outcome.TIMED_OUT);
        assertThat(System.nanoTime() - start).isBetween(50_000_000L, 5_000_000_000L);
        assertThat(queue.waiting()).isZero();
    }

    @Test
    void interruptEndsWaitingAndItsFlagStaysSet() {
        opened();
        poll();
        Waiter<Slot> waiter = queue.enter(false, now());
        Thread.currentThread().interrupt();
        assertThat(queue.await(waiter, in(20_000))).isEqualTo(Outcome.INTERRUPTED);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(queue.waiting()).isZero();
    }

    @Test
    void whoIsServedBeforeTheInterruptIsSeenKeepsWhatItGot() {
        Slot only = opened();
        poll();
        Waiter<Slot> waiter = queue.enter(false, now());
        queue.release(only, now() + ConnectionQueue.SHORT_USE_NANOS);
        Thread.currentThread().interrupt();
        assertThat(queue.await(waiter, now() - 1)).isEqualTo(Outcome.SERVED);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(waiter.slot()).isSameAs(only);
    }

    @Test
    void openingsAreClaimedForWaitersAndForMinIdleWithinTheMaximum() {
        assertThat(queue.claimOpenings(8, false)).isEqualTo(1); // minIdle
        assertThat(queue.claimOpenings(8, false)).isZero(); // under way
        queue.enter(false, now());
        queue.enter(false, now());
        queue.enter(false, now());
        assertThat(queue.claimOpenings(8, false)).isEqualTo(1); // three wait, one is being opened, two at most
        assertThat(queue.wantsMore()).isFalse();
        queue.openFailed();
        assertThat(queue.claimOpenings(1, false)).isZero(); // one at a time
        queue.openFailed();
        assertThat(queue.claimOpenings(1, false)).isEqualTo(1);
    }

    @Test
    void failureReachesWaitersOnlyWhenNoMemberMayStillComeFree() {
        Slot only = opened();
        poll();
        Waiter<Slot> waiter = queue.enter(false, now());
        queue.failWaitersIfEmpty(new IllegalStateException("no"));
        assertThat(waiter.isDone()).isFalse();
        queue.remove(only, now());
        queue.failWaitersIfEmpty(new IllegalStateException("no"));
        assertThat(queue.await(waiter, in(20_000))).isEqualTo(Outcome.FAILED);
        assertThat(waiter.failure()).hasMessage("no");
    }

    @Test
    void closingFailsWaitersAndTakesNothingBack() throws Exception {
        Slot a = opened();
        Slot b = opened();
        poll();
        var reason = new IllegalStateException("closed");
        assertThat(queue.close(reason)).containsExactly(b);
        assertThat(queue.enter(false, now()).failure()).isSameAs(reason);
        assertThat(queue.release(a, now())).isFalse();
        assertThat(queue.claimOpening()).isFalse();
        queue.remove(b, now());
        assertThat(queue.awaitEmpty(1_000_000)).isFalse();
        queue.remove(a, now());
        assertThat(queue.awaitEmpty(0)).isTrue();
    }

    @Test
    void memberThatWasRemovedMeanwhileIsNotTakenBack() {
        Slot only = opened();
        poll();
        queue.remove(only, now());
        assertThat(queue.release(only, now())).isFalse();
        assertThat(queue.setAside(only, now())).isFalse();
        assertThat(queue.remove(only, now())).isFalse();
    }

    @Test
    void returningTwiceIsReportedAsTheBugItIs() {
        Slot only = opened();
        poll();
        queue.release(only, now());
        assertThatThrownBy(() -> queue.release(only, now())).isInstanceOf(IllegalStateException.class);
    }

    /** A lock that is taken in between may use up what a thread was unparked with. */
    @ParameterizedTest
    @ValueSource(longs = {1_000, 1_000_000})
    void whoIsServedOrCalledJustBeforeItWaitsDoesNotWait(long usedNanos) {
        Slot only = opened();
        long taken = now();
        assertThat(queue.poll(taken)).isSameAs(only);
        LongWaits longWaits = () -> {
            var releaser = new Thread(() -> queue.release(only, taken + usedNanos));
            releaser.start();
            try {
                releaser.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            LockSupport.park();
            return true;
        };
        Waiter<Slot> waiter = queue.enter(false, taken);
        assertThat(queue.await(waiter, in(20_000), longWaits)).isEqualTo(Outcome.SERVED);
        assertThat(waiter.slot()).isSameAs(only);
    }

    @Test
    void whoWaitsWithoutATimeLimitIsWokenWhenItsTimeIsNear() throws Exception {
        opened();
        poll();
        var promised = new AtomicBoolean(true);
        var promises = new AtomicInteger();
        LongWaits longWaits = () -> {
            promises.incrementAndGet();
            return promised.get();
        };
        var outcome = new CompletableFuture<Outcome>();
        var thread = new Thread(() -> outcome.complete(queue.await(queue.enter(false, now()), in(8_000), longWaits)));
        thread.start();
        await().until(() -> thread.getState() == Thread.State.WAITING);

        assertThat(queue.wakeNear(LongWaits.NEAR_NANOS)).isTrue();
        assertThat(promises).hasValue(1);

        promised.set(false);
        assertThat(queue.wakeNear(Long.MAX_VALUE)).isTrue();
        await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
        assertThat(outcome.get(20, TimeUnit.SECONDS)).isEqualTo(Outcome.TIMED_OUT);
        assertThat(promises).hasValue(2); // at the end there is too little time for a promise
        assertThat(queue.wakeNear(Long.MAX_VALUE)).isFalse();
    }

    @Test
    void memberReturnedAfterAWaitHasFailedIsIdle() {
        Slot only = opened();
        poll();
        LongWaits broken = () -> {
            throw new StackOverflowError("by the test");
        };
        assertThatThrownBy(() -> queue.await(queue.enter(false, now()), in(20_000), broken))
                .isInstanceOf(StackOverflowError.class);
        assertThat(queue.waiting()).isZero();
        queue.release(only, now());
        assertThat(queue.idle()).isEqualTo(1);
    }

    @Test
    void waiterThatIsServedWhileItsWaitFailsKeepsWhatItWasGiven() {
        Slot only = opened();
        poll();
        LongWaits broken = () -> {
            queue.release(only, now() + ConnectionQueue.SHORT_USE_NANOS);
            throw new StackOverflowError("by the test");
        };
        Waiter<Slot> waiter = queue.enter(false, now());
        assertThat(queue.await(waiter, in(20_000), broken)).isEqualTo(Outcome.SERVED);
        assertThat(waiter.slot()).isSameAs(only);
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private Slot opened() {
        assertThat(queue.claimOpening()).isTrue();
        var slot = new Slot();
        queue.opened(slot, now());
        return slot;
    }

    private Slot poll() {
        return queue.poll(now());
    }

    private static long now() {
        return System.nanoTime();
    }

    private static long in(long millis) {
        return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
