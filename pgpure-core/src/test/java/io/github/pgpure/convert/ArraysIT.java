package io.github.pgpure.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.Row;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.test.PostgresServer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Arrays keep their dimensions and bounds, and go in every form that Java has for them. */
class ArraysIT {

    private static PgConnection connection;

    @BeforeAll
    static void open() {
        connection = PgConnection.open(PostgresServer.shared().uri());
    }

    @AfterAll
    static void close() {
        connection.close();
    }

    @Test
    void arraysKeepTheirShape() {
        Row row = connection.fetchOne("select '[2:3]={7,8}'::int[] as bounds, '{{1,2},{3,NULL}}'::int[] as two, "
                + "'{}'::text[] as empty, array_fill(1, array[1,1,1,1,1,2]) as six, "
                + "'[0:1][-1:0]={{a,b},{c,\"d,\\\"\"}}'::text[] as odd");
        assertThat(row.get("bounds")).isEqualTo(List.of(7, 8));
        assertThat(row.getString("bounds")).isEqualTo("[2:3]={7,8}");
        assertThat(row.get("two")).isEqualTo(List.of(List.of(1, 2), Arrays.asList(3, null)));
        assertThat(row.get("two", Integer[][].class)).isDeepEqualTo(new Integer[][] {{1, 2}, {3, null}});
        assertThat(row.get("empty")).isEqualTo(List.of());
        assertThat(row.get("empty", String[].class)).isEmpty();
        assertThat(row.get("six", int[][][][][][].class)[0][0][0][0][0]).containsExactly(1, 1);
        assertThat(row.get("odd")).isEqualTo(List.of(List.of("a", "b"), List.of("c", "d,\"")));
        assertThat(row.getString("odd")).isEqualTo("[0:1][-1:0]={{a,b},{c,\"d,\\\"\"}}");
    }

    @Test
    void arraysGoInEveryForm() {
        List<Object> forms = new ArrayList<>();
        forms.add(new int[] {1, 2});
        forms.add(new long[] {1, 2});
        forms.add(new Integer[] {1, 2});
        forms.add(new Object[] {1, 2L});
        forms.add(List.of((short) 1, 2));
        for (Object form : forms) {
            // The cast keeps varargs from taking the array apart.
            assertThat(connection.fetchOne("select $1::int4[]", (Object) form).get(0))
                    .isEqualTo(List.of(1, 2));
        }
        assertThat(connection
                        .fetchOne("select count(*) from generate_series(1, 10) n where n = any($1)", (Object)
                                new int[] {3, 4})
                        .getInt(0))
                .isEqualTo(2);
        assertThat(connection
                        .fetchOne("select $1::int4[]", (Object) new int[][] {{1, 2}, {3, 4}})
                        .get(0, int[][].class))
                .isDeepEqualTo(new int[][] {{1, 2}, {3, 4}});
    }
}
