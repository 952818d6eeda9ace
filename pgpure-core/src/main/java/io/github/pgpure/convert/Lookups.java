package io.github.pgpure.convert;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Which types are being asked for right now, so that many sessions which see a new type at once cost one query; thread-safe.
 *
 * <p>Waiting for another session's query is a courtesy and short: who waits in vain, or is interrupted, asks for itself.
 */
final class Lookups {

    private final long patienceMillis;

    private final Map<Integer, CountDownLatch> underway = new ConcurrentHashMap<>();

    /** @param patience how long to wait for another session's answer */
    Lookups(Duration patience) {
        this.patienceMillis = patience.toMillis();
    }

    /** Takes those of the types that nobody is asking for. */
    Claim claim(List<Integer> oids) {
        return new Claim(oids);
    }

    final class Claim implements AutoCloseable {

        private final CountDownLatch done = new CountDownLatch(1);
        private final List<Integer> mine = new ArrayList<>();
        private final List<CountDownLatch> others = new ArrayList<>();

        private Claim(List<Integer> oids) {
            for (int oid : oids) {
                CountDownLatch other = underway.putIfAbsent(oid, done);
                if (other == null) {
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

        /** Waits a little for those whom others are asking for; only after {@link #close()}, so that two never wait for each other. */
        void awaitOthers() {
            try {
                for (CountDownLatch other : others) {
                    if (!other.await(patienceMillis, TimeUnit.MILLISECONDS)) {
                        return;
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
