package io.github.pgpure.connection;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An {@code insert} of one row, written for several: {@code insert into t values ($1, $2)} becomes {@code insert into t values ($1, $2), ($3, $4)} …, which
 * costs the server little more than half as much for each row.
 *
 * <p>It is only used where nobody can tell the difference: for a plain table where nothing looks at the rows before (triggers, rules, policies, a reference to
 * itself, functions of the application in defaults and checks), and an {@code insert} that has nothing but one row of parameters.
 */
final class MultiRowInsert {

    /** How many rows go into one statement. More gain little, and take longer to prepare. */
    static final int ROWS = 128;

    /** Smaller batches do not earn the look at the table, and the preparation. */
    private static final int SMALLEST_BATCH = 4 * ROWS;

    private static final String NAME = "(?:[\\p{L}_][\\p{L}\\p{N}_$]*|\"[^\"\\p{Cntrl}]+\")";
    private static final Pattern ONE_ROW = Pattern.compile(
            "\\s*insert\\s+into\\s+(" + NAME + "(?:\\s*\\.\\s*" + NAME + ")?)\\s*(?:\\(\\s*" + NAME + "(?:\\s*,\\s*"
                    + NAME + ")*\\s*\\)\\s*)?values\\s*(\\(\\s*\\$\\d+(?:\\s*,\\s*\\$\\d+)*\\s*\\))\\s*",
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);

    /** One in a default or a check; the server's own, those in C, and those that depend on nothing but their arguments do not read tables. */
    private static final String FUNCTION_THAT_MAY_READ = "select from pg_catalog.pg_depend d"
            + " join pg_catalog.pg_proc p on p.oid = d.refobjid and p.provolatile <> 'i'"
            + " join pg_catalog.pg_language l on l.oid = p.prolang and l.lanname not in ('internal', 'c')"
            + " where d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass"
            + " and (d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass"
            + " and d.objid in (select a.oid from pg_catalog.pg_attrdef a where a.adrelid = c.oid)"
            + " or d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass"
            + " and d.objid in (select k.oid from pg_catalog.pg_constraint k where k.conrelid = c.oid))";

    private static final Pattern PARAMETER = Pattern.compile("\\$(\\d+)");

    private final String head;
    private final String table;
    private final int[] parameterTypes;

    private MultiRowInsert(String head, String table, int[] parameterTypes) {
        this.head = head;
        this.table = table;
        this.parameterTypes = parameterTypes;
    }

    /** The same for several rows; null where the statement is none of those, or the batch is too small. */
    static @Nullable MultiRowInsert of(Statement statement, int sets) {
        int parameters = statement.parameterTypes().length;
        if (sets < SMALLEST_BATCH || statement.isUnnamed() || parameters == 0 || parameters > 0xffff / ROWS) {
            return null;
        }
        Matcher matcher = ONE_ROW.matcher(statement.serverSql());
        if (!matcher.matches() || !areInOrder(matcher.group(2), parameters)) {
            return null;
        }
        return new MultiRowInsert(
                statement.serverSql().substring(0, matcher.start(2)), matcher.group(1), statement.parameterTypes());
    }

    private static boolean areInOrder(String row, int parameters) {
        Matcher matcher = PARAMETER.matcher(row);
        int expected = 0;
        while (matcher.find()) {
            expected++;
            if (!matcher.group(1).equals(Integer.toString(expected))) {
                return false;
            }
        }
        return expected == parameters;
    }

    /** A query for whether the table is plain: {@code t} when it is. */
    String plainTableQuery() {
        return "select c.relkind = 'r' and not c.relhasrules and not c.relrowsecurity"
                + " and not exists (select from pg_catalog.pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal)"
                // A row may refer to one that comes after it, if both come at once.
                + " and not exists (select from pg_catalog.pg_constraint k where k.conrelid = c.oid and k.confrelid = c.oid)"
                + " and not exists (" + FUNCTION_THAT_MAY_READ + ")"
                + " from pg_catalog.pg_class c where c.oid = pg_catalog.to_regclass('" + table.replace("'", "''")
                + "')";
    }

    /** The statement for {@link #ROWS} rows. */
    String sql() {
        int parameters = parameterTypes.length;
        var sql = new StringBuilder(head);
        for (int i = 0; i < ROWS * parameters; i++) {
            sql.append(i == 0 ? "(" : i % parameters == 0 ? "), (" : ", ");
            sql.append('$').append(i + 1);
        }
        return sql.append(')').toString();
    }

    /** The types of its parameters. */
    int[] parameterTypes() {
        int[] types = new int[ROWS * parameterTypes.length];
        Arrays.setAll(types, i -> parameterTypes[i % parameterTypes.length]);
        return types;
    }

    /**
     * The values of several rows in one array.
     *
     * @return null when one of the sets does not have the right number of values
     */
    @Nullable
    Object @Nullable [] values(List<@Nullable Object[]> sets) {
        int parameters = parameterTypes.length;
        @Nullable Object[] values = new Object[ROWS * parameters];
        int at = 0;
        for (@Nullable Object[] set : sets) {
            if (set.length != parameters) {
                return null;
            }
            System.arraycopy(set, 0, values, at, parameters);
            at += parameters;
        }
        return values;
    }
}
