package io.github.pgpure.pool;

import io.github.pgpure.protocol.SqlText;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What is known of the statements that callers had to queue for: which of them are short, and may share a connection; thread-safe. */
final class StatementCosts {

    /** More different texts than this are no sign of statements that come again. */
    private static final int MOST = 2_048;

    private static final Set<String> READERS = Set.of("select", "values", "table", "with");

    /** What changes more than the rows a statement returns, or waits for others: locks, the session's settings and sequences, pauses. */
    private static final Pattern MORE_THAN_READS = Pattern.compile(
            "\\b(?:insert|update|delete|merge|into|share|set_config|setval|nextval|currval|lastval|setseed|pg_sleep\\w*|pg_notify"
                    + "|pg_\\w*advisory\\w*|pg_terminate_backend|pg_cancel_backend|pg_wal_\\w+|pg_backend_pid|lo_\\w+|dblink\\w*|txid_\\w+|pg_current_xact_id\\w*)\\b",
            Pattern.CASE_INSENSITIVE);

    private final Map<String, StatementCost> costs = new ConcurrentHashMap<>();

    /** What is known of this statement; null when it was not measured yet. */
    @Nullable
    StatementCost get(String sql) {
        return costs.get(sql);
    }

    /** Takes note of what one run has cost. */
    void measured(String sql, long nanos, long bytes) {
        StatementCost cost = costs.get(sql);
        if (cost == null) {
            if (costs.size() >= MOST) {
                costs.clear();
            }
            cost = costs.computeIfAbsent(sql, text -> new StatementCost(onlyReads(text)));
        }
        cost.measured(nanos, bytes);
    }

    /** Whether a statement is one that others may follow on the same connection, as far as its text tells. */
    static boolean onlyReads(String sql) {
        return READERS.contains(SqlText.firstWord(sql))
                && !MORE_THAN_READS.matcher(sql).find();
    }
}
