package io.github.pgpure.pool;

import io.github.pgpure.connection.GatheredTransaction;
import io.github.pgpure.protocol.SqlText;
import java.util.Set;
import java.util.regex.Pattern;

/** Tells from their text which statements may share a connection with those of other callers. */
final class ShareableSql {

    private static final Set<String> READERS = Set.of("select", "values", "table", "with");

    private static final Set<String> WRITERS = Set.of("insert", "update", "delete", "merge");

    /** What does more than to read and change rows, or waits for others: the session's settings, locks of its own, pauses. */
    private static final String BEYOND_ROWS =
            "set_config|setval|currval|lastval|setseed|pg_sleep\\w*|pg_notify|pg_logical_emit_message|pg_file_\\w+"
                    + "|pg_\\w*advisory\\w*|pg_terminate_backend|pg_cancel_backend|pg_wal_\\w+|pg_backend_pid|lo_\\w+|dblink\\w*|txid_\\w+|pg_current_xact_id\\w*";

    private static final Pattern MORE_THAN_ROWS = words(BEYOND_ROWS);

    /** What changes more than the rows a statement returns. */
    private static final Pattern MORE_THAN_READS =
            words("insert|update|delete|merge|into|share|nextval|" + BEYOND_ROWS);

    /** A query with this makes a table. */
    private static final Pattern INTO = words("into");

    private static Pattern words(String alternatives) {
        return Pattern.compile("\\b(?:" + alternatives + ")\\b", Pattern.CASE_INSENSITIVE);
    }

    private ShareableSql() {}

    /** Whether a transaction is one that others may follow on the same connection: it reads and changes rows, and nothing else. */
    static boolean isShareable(GatheredTransaction transaction) {
        for (int i = 0; i < transaction.size(); i++) {
            String sql = transaction.sql(i);
            String first = SqlText.firstWord(sql);
            boolean reads = READERS.contains(first) && !INTO.matcher(sql).find();
            if (!(reads || WRITERS.contains(first))
                    || MORE_THAN_ROWS.matcher(sql).find()) {
                return false;
            }
        }
        return true;
    }

    /** Whether a statement is one that others may follow on the same connection, as far as its text tells. */
    static boolean onlyReads(String sql) {
        return READERS.contains(SqlText.firstWord(sql))
                && !MORE_THAN_READS.matcher(sql).find();
    }
}
