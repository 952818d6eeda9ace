package io.github.pgpure.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.pgpure.ConversionException;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.Row;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.connection.Session;
import io.github.pgpure.protocol.Format;
import io.github.pgpure.test.VectorServer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The extension pgvector, on a real server that has it. */
@Timeout(120)
class PgVectorIT {

    private static VectorServer server;
    private static TypeRegistry types;
    private static PgConnection connection;

    @BeforeAll
    static void open() {
        Optional<VectorServer> found = VectorServer.find();
        assumeTrue(found.isPresent(), "no server with pgvector: the shared one has none, and PGlite is not installed");
        server = found.get();
        types = new TypeRegistry();
        connection = Session.open(PgConnectOptions.parse(server.uri()), types).connection(Session::close);
        connection.execute("create extension if not exists vector");
        connection.execute("drop type if exists pgpure_embedded");
        connection.execute("create type pgpure_embedded as (name text, embedding vector(3), others vector[])");
    }

    @AfterAll
    static void close() {
        if (connection != null) {
            connection.execute("drop type pgpure_embedded");
            connection.close();
            server.close();
        }
    }

    private static float[] vector(SplittableRandom random) {
        float[] vector = new float[1 + random.nextInt(8)];
        for (int i = 0; i < vector.length; i++) {
            do {
                vector[i] = random.nextBoolean()
                        ? random.nextInt(-1000, 1000) / 8f
                        : Float.intBitsToFloat(random.nextInt());
            } while (!Float.isFinite(vector[i]));
        }
        return vector;
    }

    @Test
    void tenThousandVectorsComeBackAsTheyWent() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        var random = new SplittableRandom(seed);
        int together = 100;
        String rows = IntStream.rangeClosed(1, together)
                .mapToObj(i -> "(" + i + ", $" + i + "::vector)")
                .collect(Collectors.joining(", "));
        String sql = "select v, format('%s', v) as t, v = format('%s', v)::vector as same from (values " + rows
                + ") as given (n, v) order by n";
        for (int round = 0; round < 100; round++) {
            Object[] vectors = new Object[together];
            Arrays.setAll(vectors, i -> vector(random));
            List<Row> result = connection.fetch(sql, vectors);
            for (int i = 0; i < together; i++) {
                Row row = result.get(i);
                assertThat(row.get("v")).as("seed %d", seed).isEqualTo(vectors[i]);
                String text = row.getString("t");
                assertThat(row.getString("v")).isEqualTo(text);
                assertThat(row.getBoolean("same")).isTrue();
                assertThat(fromText(row, text)).isEqualTo(vectors[i]);
            }
        }
    }

    private static Object fromText(Row row, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ConversionContext context = new ConversionContext(types.snapshot(), connection.serverTimeZone());
        return types.snapshot()
                .valueCodec(row.columns().get(0).typeOid())
                .decode(context, Format.TEXT, bytes, 0, bytes.length);
    }

    @Test
    void everyFormOfAVectorIsAccepted() {
        float[] vector = {1, 2.5f, -3};
        for (Object form : List.of(vector, new double[] {1, 2.5, -3}, List.of(1, 2.5, -3L), "[1,2.5,-3]")) {
            Row row = connection.fetchOne("select $1::vector as v, $1::vector = '[1,2.5,-3]' as same", form);
            assertThat(row.get("v")).isEqualTo(vector);
            assertThat(row.get("v", double[].class)).containsExactly(1, 2.5, -3);
            assertThat(row.getBoolean("same")).isTrue();
        }
        assertThat(connection.fetchOne("select $1::vector as v", (Object) null).get("v"))
                .isNull();
    }

    record Embedded(String name, float[] embedding, List<float[]> others) {}

    @Test
    void vectorsComeInArraysCompositesAndRecords() {
        float[] vector = {1, 2.5f, -3};
        Row row = connection.fetchOne(
                "select $1::vector[] as many, $2::pgpure_embedded as one, row($3::vector, 7) as anonymous",
                Arrays.asList(vector, null),
                new Embedded("x", vector, List.of(vector)),
                vector);
        assertThat(row.get("many", float[][].class)).isDeepEqualTo(new float[][] {vector, null});
        Embedded one = row.get("one", Embedded.class);
        assertThat(one.embedding()).isEqualTo(vector);
        assertThat(one.others()).hasSize(1).first().isEqualTo(vector);
        assertThat(row.get("anonymous", List.class).get(0)).isEqualTo(vector);
    }

    @Test
    void nearestNeighboursAreFoundWithAParameter() {
        connection.execute("create temporary table item (id int, embedding vector(3))");
        connection.executeBatch(
                "insert into item values ($1, $2)",
                List.of(new Object[] {1, new float[] {0, 0, 1}}, new Object[] {2, new float[] {0, 1, 0}}, new Object[] {
                    3, new float[] {1, 0, 0}
                }));
        assertThat(connection
                        .fetch("select id from item order by embedding <-> $1 limit 2", (Object)
                                new float[] {0.1f, 0.9f, 0.2f})
                        .as(Integer.class))
                .containsExactly(2, 1);
    }

    @Test
    void errorsNameWhatWouldWork() {
        Row row = connection.fetchOne("select '[4711,2]'::vector as v");
        assertThatThrownBy(() -> row.get("v", Integer.class))
                .isInstanceOf(ConversionException.class)
                .hasMessageContaining("'v'")
                .hasMessageContaining("vector")
                .hasMessageContaining("float[]")
                .hasMessageNotContaining("4711");
        assertThatThrownBy(() -> connection.fetchOne("select $1::vector", List.of("4711")))
                .isInstanceOf(ConversionException.class)
                .hasMessageContaining("$1")
                .hasMessageContaining("no number")
                .hasMessageNotContaining("4711");
    }

    @Test
    void theOtherTypesOfTheExtensionArriveAsText() {
        Row row = connection.fetchOne("select '[1,2]'::halfvec as h, '{1:1.5,3:2}/5'::sparsevec as s");
        assertThat(row.get("h")).isEqualTo("[1,2]");
        assertThat(row.get("s")).isEqualTo("{1:1.5,3:2}/5");
        assertThat(connection.fetchOne("select $1::halfvec as h", "[1,2]").get("h"))
                .isEqualTo("[1,2]");
    }
}
