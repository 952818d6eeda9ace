package io.github.pgpure.connection;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The statements a session keeps prepared, the least recently used leaving first; for the session's owner, but for {@link #size()}. */
final class StatementCache {

    private final int capacity;
    private final boolean named;
    private final Map<String, Statement> statements = new LinkedHashMap<>(16, 0.75f, true);
    private final List<String> evicted = new ArrayList<>();
    private long count;
    private boolean holding;

    /** For those who only look on: the map is the owner's alone. */
    private volatile int size;

    /**
     * @param capacity how many statements are kept, 0 for none
     * @param named whether the server keeps them too; otherwise only their descriptions are kept here
     */
    StatementCache(int capacity, boolean named) {
        this.capacity = capacity;
        this.named = named && capacity > 0;
    }

    @Nullable
    Statement get(String sql) {
        return statements.get(sql);
    }

    /** The name for the next statement; empty, for the unnamed one, when the server keeps none. */
    String nextName() {
        return named ? "pgpure_" + ++count : "";
    }

    void put(Statement statement) {
        if (capacity == 0) {
            return;
        }
        statements.put(statement.sql(), statement);
        if (statements.size() > capacity) {
            var oldest = statements.values().iterator();
            Statement leaving = oldest.next();
            oldest.remove();
            forget(leaving);
        }
        size = statements.size();
    }

    /** How many statements are kept. Any thread. */
    int size() {
        return size;
    }

    /** Forgets a statement that the server would not run any more; false when it was not kept here. */
    boolean remove(Statement statement) {
        boolean removed = statements.remove(statement.sql(), statement);
        if (removed) {
            size = statements.size();
            forget(statement);
        }
        return removed;
    }

    private void forget(Statement statement) {
        if (!statement.isUnnamed()) {
            evicted.add(statement.name());
        }
    }

    /** Forgets everything: the server has done so already. */
    void clear() {
        statements.clear();
        size = 0;
        evicted.clear();
    }

    /** Whether those that leave are still needed, and must not be closed for now. */
    void hold(boolean holding) {
        this.holding = holding;
    }

    /** The names of those that left and are still to be closed on the server; the caller closes them. */
    List<String> takeEvicted() {
        if (evicted.isEmpty() || holding) {
            return List.of();
        }
        List<String> names = List.copyOf(evicted);
        evicted.clear();
        return names;
    }

    /** Takes back names that could not be closed after all. */
    void giveBackEvicted(Collection<String> names) {
        evicted.addAll(names);
    }
}
