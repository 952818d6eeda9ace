package io.github.pgpure.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.pgpure.ConversionException;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.test.PostgresServer;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Objects of the rows of a real server. */
class ObjectMappingIT {

    enum Mood {
        sad,
        happy
    }

    record Address(String street, int number) {}

    record Scalars(
            short s,
            int i,
            long l,
            float f,
            double d,
            boolean b,
            BigDecimal n,
            String text,
            UUID id,
            byte[] bytes,
            LocalDate day,
            OffsetDateTime createdAt,
            Instant updatedAt,
            Mood mood,
            char letter) {}

    record Person(
            int id,
            Optional<String> nickName,
            OptionalInt age,
            OptionalLong big,
            List<Mood> moods,
            Set<String> tags,
            List<List<Integer>> matrix,
            Address home,
            Map<String, Object> data) {}

    private PgConnection connection;

    @BeforeAll
    static void createTypes() {
        PostgresServer.shared()
                .execute(
                        "drop schema if exists mapping_it cascade",
                        "create schema mapping_it",
                        "create type mapping_it.mood as enum ('sad', 'happy')",
                        "create type mapping_it.address as (street text, number int)");
    }

    @AfterAll
    static void dropTypes() {
        PostgresServer.shared().execute("drop schema mapping_it cascade");
    }

    @BeforeEach
    void connect() {
        connection = PgConnection.open(PostgresServer.shared().uri());
    }

    @AfterEach
    void disconnect() {
        connection.close();
    }

    @Test
    void scalars() {
        UUID id = UUID.randomUUID();
        Scalars made = connection.fetchOne("""
                        select 1::int2 as s, 2 as i, 3::int8 as l, 1.5::float4 as f, 2.5::float8 as d, true as b, 12.34 as n,
                               'text' as text, $1::uuid as id, '\\x0102'::bytea as bytes, date '2026-02-03' as day,
                               timestamptz '2026-02-03 04:05:06+00' as created_at, timestamptz '2026-02-03 04:05:06+00' as updated_at,
                               'happy'::mapping_it.mood as mood, 'x' as letter
                        """, id).as(Scalars.class);
        assertThat(made)
                .usingRecursiveComparison()
                .ignoringFields("createdAt")
                .isEqualTo(new Scalars(
                        (short) 1,
                        2,
                        3,
                        1.5f,
                        2.5,
                        true,
                        new BigDecimal("12.34"),
                        "text",
                        id,
                        new byte[] {1, 2},
                        LocalDate.of(2026, 2, 3),
                        made.createdAt(),
                        Instant.parse("2026-02-03T04:05:06Z"),
                        Mood.happy,
                        'x'));
        assertThat(made.createdAt().toInstant()).isEqualTo(made.updatedAt());
    }

    @Test
    void optionalsCollectionsAndComposites() {
        String sql = """
                select 1 as id, $1::text as nick_name, $2::int as age, $3::int8 as big,
                       array['happy', null, 'sad']::mapping_it.mood[] as moods, array['a', 'b', 'a'] as tags,
                       array[[1, 2], [3, 4]] as matrix, row('Main St', 5)::mapping_it.address as home, '{"k": 1}'::jsonb as data
                """;
        Person full = connection.fetchOne(sql, "Ada", 36, 1L << 40).as(Person.class);
        assertThat(full.nickName()).contains("Ada");
        assertThat(full.age()).hasValue(36);
        assertThat(full.big()).hasValue(1L << 40);
        assertThat(full.moods()).containsExactly(Mood.happy, null, Mood.sad);
        assertThat(full.tags()).containsExactly("a", "b");
        assertThat(full.matrix()).isEqualTo(List.of(List.of(1, 2), List.of(3, 4)));
        assertThat(full.home()).isEqualTo(new Address("Main St", 5));
        assertThat(full.data()).isEqualTo(Map.of("k", 1));

        Person bare = connection.fetchOne(sql, null, null, null).as(Person.class);
        assertThat(bare.nickName()).isEmpty();
        assertThat(bare.age()).isEmpty();
        assertThat(bare.big()).isEmpty();
    }

    @Test
    void oneColumn() {
        assertThat(connection.fetch("select generate_series(1, 3)").as(Integer.class))
                .containsExactly(1, 2, 3);
        assertThat(connection.fetch("select generate_series(1, 3)::int8").as(long.class))
                .containsExactly(1L, 2L, 3L);
        assertThat(connection.fetchOne("select 'sad'::mapping_it.mood").as(Mood.class))
                .isEqualTo(Mood.sad);
        assertThat(connection.fetchOne("select null::text").as(String.class)).isNull();
        assertThat(connection
                        .fetchOne("select row('Main St', 5)::mapping_it.address")
                        .as(Address.class))
                .isEqualTo(new Address("Main St", 5));
        assertThat(connection.fetchOne("select array[1, 2]").as(int[].class)).containsExactly(1, 2);
    }

    @Test
    void whatDoesNotFitIsExplained() {
        assertThatExceptionOfType(ConversionException.class)
                .isThrownBy(() ->
                        connection.fetchOne("select 1 as id, 'x' as street").as(Address.class))
                .withMessageContaining("no column for [number] among [id, street]");
        assertThatExceptionOfType(ConversionException.class)
                .isThrownBy(() -> connection
                        .fetchOne("select 'x' as street, 'y' as number")
                        .as(Address.class))
                .withMessageContaining("'number'")
                .withMessageContaining("text");
        assertThatExceptionOfType(ConversionException.class)
                .isThrownBy(() -> connection
                        .fetchOne("select 'x' as street, null::int as number")
                        .as(Address.class))
                .withMessageContaining("'number' is NULL");
        assertThat(connection.fetchOne("select 1").getInt(0)).isEqualTo(1);
    }
}
