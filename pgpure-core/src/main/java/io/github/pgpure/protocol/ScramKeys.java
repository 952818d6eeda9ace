package io.github.pgpure.protocol;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what SCRAM derives from a password, since thousands of rounds of hashing are all that makes a login expensive; a pool that
 * has to open all its connections anew does them once. Thread-safe.
 *
 * <p>It keeps few entries, none of them printable, and only those that a server has proved to know.
 */
public final class ScramKeys {

    private static final int MAX_ENTRIES = 16;

    /** What the keys are derived from. */
    record Source(String password, String salt, int iterations) {
        @Override
        public String toString() {
            return "Source[]";
        }
    }

    record Keys(byte[] clientKey, byte[] serverKey) {
        @Override
        public String toString() {
            return "Keys[]";
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Source, Keys> entries = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Source, Keys> eldest) {
            return size() > MAX_ENTRIES;
        }
    };

    @Nullable
    Keys get(Source source) {
        lock.lock();
        try {
            return entries.get(source);
        } finally {
            lock.unlock();
        }
    }

    void put(Source source, Keys keys) {
        lock.lock();
        try {
            entries.put(source, keys);
        } finally {
            lock.unlock();
        }
    }

    /** The number of entries. */
    int size() {
        lock.lock();
        try {
            return entries.size();
        } finally {
            lock.unlock();
        }
    }
}
