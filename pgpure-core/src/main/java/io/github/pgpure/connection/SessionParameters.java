package io.github.pgpure.connection;

import io.github.pgpure.PgProtocolException;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The run-time parameters that the server reports; written by the session's thread, read by any. */
final class SessionParameters {

    /** A real server reports some fifteen short ones; one that reports without an end must not fill the memory. */
    private static final int MAX_CHARACTERS = 1_000_000;

    /** What the converters rely on, and how the value must begin. */
    private static final Map<String, String> REQUIRED =
            Map.of("client_encoding", "UTF8", "DateStyle", "ISO", "standard_conforming_strings", "on");

    private final Map<String, String> values = new ConcurrentHashMap<>();
    private int characters;
    private volatile ZoneId timeZone = ZoneOffset.UTC;
    private boolean violated;

    /** @throws PgProtocolException when the server reports too much */
    void put(String name, String value) {
        String before = values.put(name, value);
        characters += value.length() + (before == null ? name.length() : -before.length());
        if (characters > MAX_CHARACTERS) {
            throw new PgProtocolException("the server reports run-time parameters of more than " + MAX_CHARACTERS
                    + " characters, " + values.size() + " in number");
        }
        if (name.equals("TimeZone")) {
            timeZone = zone(value);
        } else if (REQUIRED.containsKey(name)) {
            violated = false;
            for (Map.Entry<String, String> required : REQUIRED.entrySet()) {
                violated |= !fits(required);
            }
        }
    }

    private boolean fits(Map.Entry<String, String> required) {
        String value = values.get(required.getKey());
        return value == null || value.startsWith(required.getValue());
    }

    /** What is set as it must not be, null when nothing is. For the session's owner. */
    @Nullable
    String violation() {
        if (!violated) {
            return null;
        }
        return REQUIRED.entrySet().stream()
                .filter(e -> !fits(e))
                .map(e -> e.getKey() + " was set to " + values.get(e.getKey()) + ", which pgpure relies on being "
                        + e.getValue())
                .collect(Collectors.joining("; "));
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
