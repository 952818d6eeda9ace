package io.github.pgpure.connection;

import io.github.pgpure.protocol.ScramKeys;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A few keys derived from passwords, the least recently used leaving first: a pool that has to open all its connections anew hashes once.
 * Thread-safe.
 */
final class ScramKeyCache implements ScramKeys {

    /** One role has one salt on each server, and one more after each change of its password. */
    static final int MAX_ENTRIES = 16;

    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Source, Keys> entries = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Source, Keys> eldest) {
            return size() > MAX_ENTRIES;
        }
    };

    @Override
    public @Nullable Keys get(Source source) {
        lock.lock();
        try {
            return entries.get(source);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void put(Source source, Keys keys) {
        lock.lock();
        try {
            entries.put(source, keys);
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return entries.size();
        } finally {
            lock.unlock();
        }
    }
}
