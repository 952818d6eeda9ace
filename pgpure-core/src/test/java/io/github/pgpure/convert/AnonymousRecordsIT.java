package io.github.pgpure.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.Row;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.test.PostgresServer;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fields of anonymous records come in binary, those too whose types are otherwise read as text: they are the server's text. */
class AnonymousRecordsIT {

    private static PgConnection connection;

    @BeforeAll
    static void open() {
        connection =
                PgConnection.open(PgConnectOptions.parse(PostgresServer.shared().uri()));
    }

    @AfterAll
    static void close() {
        connection.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "''::tsvector",
                "'a fat cat'::tsvector",
                "'fat:2,4A cat:3B,5C it''s \\\\x:1D \"q'::tsvector",
                "to_tsvector('english', 'The quick brown fox jumped over the lazy dog')",
                "setweight('é:16383'::tsvector, 'A')",
                "''::tsquery",
                "'fat'::tsquery",
                "'a:*AB & !b | c:D'::tsquery",
                "'(a | b) & !(c & d)'::tsquery",
                "'!!a'::tsquery",
                "'a <-> b <-> c'::tsquery",
                "'a <3> (b <-> c)'::tsquery",
                "'(a | b) <-> !c & d'::tsquery",
                "$$'it''s' & 'b\\\\c'$$::tsquery",
                "'a <-> (b & c) | !(d <2> e)'::tsquery",
                "'1 2 -3'::int2vector",
                "''::int2vector",
                "'4294967295 23'::oidvector",
                "pg_current_snapshot()",
                "'10:20:10,14,15'::pg_snapshot",
                "txid_current_snapshot()",
                "'(7,65535)'::tid",
                "'16/B374D848'::pg_lsn",
                "'08:00:2b:01:02:03'::macaddr",
                "'08:00:2b:01:02:03:04:05'::macaddr8",
                "'$.a[*] ? (@ > 1)'::jsonpath",
                "'<a>b</a>'::xml",
                "'0'::regclass"
            })
    void fieldsAreTheServersText(String expression) {
        Row row = connection.fetchOne("select row(" + expression + ", array[" + expression + "]) as r, format('%s', "
                + expression + ") as t");
        List<?> fields = (List<?>) row.get("r");
        assertThat(String.valueOf(fields.get(0))).isEqualTo(row.getString("t"));
        assertThat((List<?>) fields.get(1)).isEqualTo(List.of(fields.get(0)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'pg_class'::regclass",
                "'int4'::regtype",
                "'now()'::regprocedure",
                "'now'::regproc",
                "'pg_catalog'::regnamespace",
                "'english'::regconfig",
                "'simple'::regdictionary"
            })
    void namesOfObjectsAreTheirOids(String expression) {
        Row row = connection.fetchOne("select row(" + expression + ") as r, (" + expression + ")::oid::text as t");
        assertThat((List<?>) row.get("r")).isEqualTo(List.of(row.getString("t")));
    }

    @Test
    void moneyIsTheNumberOfSmallestUnits() {
        Row row = connection.fetchOne("select row('12.34'::money, '-0.01'::money, '0'::money) as r");
        assertThat((List<?>) row.get("r")).isEqualTo(List.of("1234", "-1", "0"));
    }
}
