package io.github.pgpure.convert;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Which types are being asked for right now, so that many sessions which see a new type at once cost one query; thread-safe.
 *
 * <p>Who waits in vain for another session's query, or is interrupted, takes that query's place, and the next ones wait for it: also a
 * session that hangs costs one more query and not one for each that waits.
 */
final class Lookups {

    private final long patienceNanos;

    private final Map<Integer, CountDownLatch> underway = new ConcurrentHashMap<>();

    /** @param patience how long to wait for another session's answer */
    Lookups(Duration patience) {
        this.patienceNanos = patience.toNanos();
    }

    /**
     * Takes those of the types that nobody is asking for.
     *
     * @param overdue queries whose place is taken
     */
    Claim claim(List<Integer> oids, Collection<CountDownLatch> overdue) {
        return new Claim(oids, overdue);
    }

    final class Claim implements AutoCloseable {

        private final CountDownLatch done = new CountDownLatch(1);
        private final List<Integer> mine = new ArrayList<>();
        private final List<CountDownLatch> others = new ArrayList<>();

        private Claim(List<Integer> oids, Collection<CountDownLatch> overdue) {
            for (int oid : oids) {
                CountDownLatch other = underway.putIfAbsent(oid, done);
                if (other == null || overdue.contains(other) && underway.replace(oid, other, done)) {
                    mine.add(oid);
                } else {
                    others.add(other);
                }
            }
        }

        /** The types that the claim's owner has to ask for. */
        List<Integer> mine() {
            return mine;
        }

        /** Says that the asking is over, whatever came of it. */
        @Override
        public void close() {
            for (int oid : mine) {
                underway.remove(oid, done);
            }
            done.countDown();
        }

        /**
         * Waits for those whom others are asking for; only after {@link #close()}, so that two never wait for each other.
         *
         * @param limitNanos how long at most
         * @return the queries that were waited for in vain
         */
        Collection<CountDownLatch> awaitOthers(long limitNanos) {
            long began = System.nanoTime();
            long limit = Math.min(limitNanos, patienceNanos);
            for (CountDownLatch other : others) {
                try {
                    if (!other.await(limit - (System.nanoTime() - began), TimeUnit.NANOSECONDS)) {
                        return Set.copyOf(others);
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return Set.copyOf(others);
                }
            }
            return Set.of();
        }
    }
}
