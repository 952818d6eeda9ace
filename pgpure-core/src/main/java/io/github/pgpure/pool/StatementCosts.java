package io.github.pgpure.pool;

import io.github.pgpure.connection.GatheredTransaction;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What is known of the statements that callers had to queue for: which of them are short, and may share a connection; thread-safe. */
final class StatementCosts {

    /** More different texts than this are no sign of statements that come again. */
    private static final int MOST = 2_048;

    private final Map<String, StatementCost> costs = new ConcurrentHashMap<>();

    /** What is known of this statement; null when it was not measured yet. */
    @Nullable
    StatementCost get(String sql) {
        return costs.get(sql);
    }

    /** Takes note of what one run has cost. */
    void measured(String sql, long nanos, long bytes) {
        measured(sql, nanos, bytes, () -> ShareableSql.onlyReads(sql));
    }

    /** Takes note of what one run of a transaction has cost. */
    void measured(GatheredTransaction transaction, long nanos) {
        StatementCost cost = measured(
                transaction.text(), nanos, transaction.resultBytes(), () -> ShareableSql.isShareable(transaction));
        cost.commitWaits(transaction.commitWaits());
    }

    private StatementCost measured(String sql, long nanos, long bytes, BooleanSupplier shareable) {
        StatementCost cost = costs.get(sql);
        if (cost == null) {
            if (costs.size() >= MOST) {
                costs.clear();
            }
            cost = costs.computeIfAbsent(sql, text -> new StatementCost(shareable.getAsBoolean()));
        }
        cost.measured(nanos, bytes);
        return cost;
    }
}
