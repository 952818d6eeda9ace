package io.github.pgpure.bench;

/** Counts nanoseconds in buckets that are at most 1.6 % wide. One thread at a time. */
final class Latencies {

    /** Each power of two has this many buckets: the bits below the highest one. */
    private static final int BITS = 6;

    private static final int BUCKETS = 1 << BITS;

    private final int[] counts = new int[(Long.SIZE - BITS) * BUCKETS];
    private long count;

    void record(long nanos) {
        counts[bucket(Math.max(nanos, 0))]++;
        count++;
    }

    void add(Latencies other) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
        }
        count += other.count;
    }

    long count() {
        return count;
    }

    /** NaN when there is none. */
    double percentileMicros(double percent) {
        long rank = Math.max(1, (long) Math.ceil(count * percent / 100));
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (seen >= rank) {
                return lowerBound(i) / 1000.0;
            }
        }
        return Double.NaN;
    }

    private static int bucket(long nanos) {
        if (nanos < BUCKETS) {
            return (int) nanos;
        }
        int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos) - BITS;
        return (shift + 1) * BUCKETS + (int) (nanos >>> shift) - BUCKETS;
    }

    private static long lowerBound(int bucket) {
        if (bucket < BUCKETS) {
            return bucket;
        }
        int shift = bucket / BUCKETS - 1;
        return (long) (bucket % BUCKETS + BUCKETS) << shift;
    }
}
