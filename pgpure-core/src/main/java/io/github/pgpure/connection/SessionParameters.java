package io.github.pgpure.connection;

import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The run-time parameters that the server reports; written by the session's thread, read by any. */
final class SessionParameters {

    private final Map<String, String> values = new ConcurrentHashMap<>();
    private volatile ZoneId timeZone = ZoneOffset.UTC;

    void put(String name, String value) {
        values.put(name, value);
        if (name.equals("TimeZone")) {
            timeZone = zone(value);
        }
    }

    @Nullable
    String get(String name) {
        return values.get(name);
    }

    Map<String, String> copy() {
        return Map.copyOf(values);
    }

    ZoneId timeZone() {
        return timeZone;
    }

    /** PostgreSQL also knows zones in POSIX notation, which Java does not; those are treated as UTC. */
    private static ZoneId zone(String name) {
        try {
            return ZoneId.of(name);
        } catch (DateTimeException e) {
            return ZoneOffset.UTC;
        }
    }
}
