package io.github.pgpure.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.Row;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.test.PostgresServer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What json and jsonb become in Java: objects, and components of records, whether these are rows or composites. */
class JsonRecordsIT {

    private static PostgresServer server;
    private static String database;
    private static PgConnection connection;

    @BeforeAll
    static void open() {
        server = PostgresServer.shared();
        database = server.createDatabase("json_records_it");
        connection = PgConnection.open(server.uri(database));
    }

    @AfterAll
    static void close() {
        connection.close();
        server.dropDatabase(database);
    }

    @Test
    void jsonBecomesObjects() {
        record Item(String name, int count, List<String> tags) {}
        Item item = new Item("x", 2, List.of("a", "b"));
        Row row = connection.fetchOne(
                "select $1::jsonb as b, $1::json as j, $2::jsonb[] as list, '{\"a\": 1}'::jsonb as map",
                item,
                List.of(item));
        assertThat(row.get("b", Item.class)).isEqualTo(item);
        assertThat(row.get("j", Item.class)).isEqualTo(item);
        assertThat(row.get("list", Item[].class)).containsExactly(item);
        assertThat(row.get("map", Map.class)).isEqualTo(Map.of("a", 1));
        assertThat(row.getString("map")).isEqualTo("{\"a\": 1}");
    }

    record Tag(String name, int weight) {}

    record Doc(
            int id,
            List<Tag> tags,
            Set<Tag> set,
            Optional<Tag> first,
            Tag[] array,
            Map<String, Integer> counts,
            JsonNode tree) {}

    @Test
    void jsonBecomesTheComponentsOfRecords() {
        List<Tag> tags = List.of(new Tag("a", 1), new Tag("b", 2));
        for (String json : List.of("json", "jsonb")) {
            Doc doc = connection
                    .fetchOne(
                            "select 7 as id, $1::J as tags, $1::J as set, $2::J as first, $1::J as array, $3::J as counts, $1::J as tree"
                                    .replace("J", json),
                            tags,
                            tags.get(0),
                            Map.of("x", 1))
                    .as(Doc.class);
            assertThat(doc.tags()).isEqualTo(tags);
            assertThat(doc.set()).containsExactlyElementsOf(tags);
            assertThat(doc.first()).contains(tags.get(0));
            assertThat(doc.array()).containsExactlyElementsOf(tags);
            assertThat(doc.counts()).containsExactly(Map.entry("x", 1));
            assertThat(doc.tree().get(1).get("weight").asInt()).isEqualTo(2);
        }
    }

    record Page(String title, List<Tag> tags, Set<String> words, Optional<Tag> first, List<List<Integer>> grid) {}

    @Test
    void jsonAndSetsBecomeTheComponentsOfRecordsInComposites() {
        connection.execute("create type page as (title text, tags jsonb, words text[], first json, grid int[])");
        Page page = new Page(
                "x",
                List.of(new Tag("a", 1)),
                Set.of("one"),
                Optional.of(new Tag("b", 2)),
                List.of(List.of(1, 2), List.of(3, 4)));
        Row row = connection.fetchOne("select $1::page as page, array[$1::page] as pages", page);
        assertThat(row.get("page", Page.class)).isEqualTo(page);
        assertThat(row.get("pages", Page[].class)).containsExactly(page);
        Page empty = new Page(null, null, null, Optional.empty(), List.of());
        assertThat(connection.fetchOne("select $1::page", empty).get(0, Page.class))
                .isEqualTo(empty);
    }
}
