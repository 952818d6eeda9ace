package io.github.pgpure.connection;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The statements a session keeps prepared, the least recently used leaving first; for the session's owner. */
final class StatementCache {

    private final int capacity;
    private final Map<String, Statement> statements = new LinkedHashMap<>(16, 0.75f, true);
    private final List<String> evicted = new ArrayList<>();
    private long count;

    StatementCache(int capacity) {
        this.capacity = capacity;
    }

    @Nullable
    Statement get(String sql) {
        return statements.get(sql);
    }

    /** The name for the next statement; empty, for the unnamed one, when none are kept. */
    String nextName() {
        return capacity == 0 ? "" : "pgpure_" + ++count;
    }

    void put(Statement statement) {
        if (capacity == 0) {
            return;
        }
        statements.put(statement.sql(), statement);
        if (statements.size() > capacity) {
            var oldest = statements.values().iterator();
            evicted.add(oldest.next().name());
            oldest.remove();
        }
    }

    /** Forgets a statement that the server would not run any more. */
    void remove(Statement statement) {
        if (statements.remove(statement.sql(), statement)) {
            evicted.add(statement.name());
        }
    }

    /** Forgets everything: the server has done so already. */
    void clear() {
        statements.clear();
        evicted.clear();
    }

    /** The names of those that left and are still to be closed on the server; the caller closes them. */
    List<String> takeEvicted() {
        if (evicted.isEmpty()) {
            return List.of();
        }
        List<String> names = List.copyOf(evicted);
        evicted.clear();
        return names;
    }

    /** Takes back names that could not be closed after all. */
    void giveBackEvicted(List<String> names) {
        evicted.addAll(names);
    }
}
