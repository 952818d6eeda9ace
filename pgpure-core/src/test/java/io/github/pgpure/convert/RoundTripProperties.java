package io.github.pgpure.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.Row;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.connection.Session;
import io.github.pgpure.protocol.Format;
import io.github.pgpure.test.PostgresServer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What holds for every value of every type: it comes back from the server as it went, and what is made of its binary representation,
 * of its text, and what the server prints, are the same.
 */
final class RoundTripProperties implements AutoCloseable {

    private final PostgresServer server = PostgresServer.shared();
    private final String database;
    private final TypeRegistry types = new TypeRegistry();
    final PgConnection connection;

    RoundTripProperties(String database) {
        this.database = server.createDatabase(database);
        connection = Session.open(PgConnectOptions.parse(server.uri(this.database)), types)
                .connection(Session::close);
        connection.execute("set timezone = 'America/New_York'");
    }

    void add(Converter<?> converter) {
        types.add(converter);
    }

    /** For values whose PostgreSQL text the server does not change. */
    void hold(String type, List<?> values) {
        hold(type, values, true);
    }

    /** For texts that the server may write in another way, such as those of jsonb: what came back is then sent again. */
    void holdOnceNormal(String type, List<?> values) {
        List<?> normal = hold(type, values, false);
        hold(type, normal, true);
    }

    private List<?> hold(String type, List<?> values, boolean same) {
        String rows = IntStream.rangeClosed(1, values.size())
                .mapToObj(i -> "(" + i + ", $" + i + "::" + type + ")")
                .collect(Collectors.joining(", "));
        List<Row> result = connection.fetch(
                "select v, format('%s', v) as t from (values " + rows + ") as given (n, v) order by n",
                values.toArray());
        assertThat(result).hasSize(values.size());
        ConversionContext context = new ConversionContext(types.snapshot(), connection.serverTimeZone());
        ValueCodec codec =
                types.snapshot().valueCodec(result.get(0).columns().get(0).typeOid());
        for (int i = 0; i < values.size(); i++) {
            Row row = result.get(i);
            String text = row.getString("t");
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            Object value = row.get("v");
            if (same) {
                assertThat(value).isEqualTo(values.get(i));
            }
            assertThat(row.getString("v")).isEqualTo(text);
            assertThat(codec.decode(context, Format.TEXT, bytes, 0, bytes.length))
                    .isEqualTo(value);
        }
        return result.stream().map(row -> row.get("v")).toList();
    }

    @Override
    public void close() {
        connection.close();
        server.dropDatabase(database);
    }
}
