package io.github.pgpure.pool;

import static io.github.pgpure.pool.PoolFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.convert.ConversionContext;
import io.github.pgpure.convert.Converter;
import io.github.pgpure.convert.TypeName;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Converters are for all connections of a pool, those to come included. */
@Timeout(60)
class PoolConvertersIT {

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private enum Mood {
        SAD,
        HAPPY
    }

    private record MoodConverter(TypeName type) implements Converter<Mood> {
        @Override
        public Class<Mood> javaType() {
            return Mood.class;
        }

        @Override
        public Mood fromPostgres(ConversionContext context, String value) {
            return Mood.valueOf(value.toUpperCase());
        }

        @Override
        public String toPostgres(ConversionContext context, Mood value) {
            return value.name().toLowerCase();
        }
    }

    private PoolFixture fixture;
    private String type;

    @BeforeEach
    void setUp() {
        fixture = new PoolFixture();
        type = "pool_mood_" + NUMBER.incrementAndGet();
        fixture.server.execute("drop type if exists " + type);
    }

    @AfterEach
    void tearDown() {
        fixture.close();
        fixture.server.execute("drop type if exists " + type);
    }

    private void createType() {
        fixture.server.execute("create type " + type + " as enum ('sad', 'happy')");
    }

    @Test
    void converterHoldsForOpenConnectionsAndForLaterOnes() { // promises S6, S7
        createType();
        PgPool pool = fixture.open(fixture.options(2, 2));
        assertThat(pool.fetchOne("select 'sad'::" + type).get(0)).isNotInstanceOf(Mood.class);
        pool.addConverterWithArray(new MoodConverter(TypeName.of(type)));
        for (int round = 0; round < 2; round++) {
            assertThat(pool.fetchOne("select 'sad'::" + type).get(0)).isEqualTo(Mood.SAD);
            assertThat(pool.fetchOne("select array['happy', null, 'sad']::" + type + "[]")
                            .get(0))
                    .isIn(java.util.Arrays.asList(Mood.HAPPY, null, Mood.SAD), new Mood[] {Mood.HAPPY, null, Mood.SAD});
            assertThat(pool.fetchOne("select $1::" + type + " = 'happy'", Mood.HAPPY)
                            .get(0))
                    .isEqualTo(true);
            fixture.terminateAll();
        }
    }

    @Test
    void factoryIsAskedAgainOnNewConnectionsUntilItHasAConverter() {
        PgPool pool = fixture.open(fixture.options(1, 1));
        var asked = new AtomicInteger();
        pool.addConverterUsing(connection -> {
            asked.incrementAndGet();
            boolean there = connection
                    .fetchOneOrNone("select 1 from pg_type where typname = $1", type)
                    .isPresent();
            return there ? Optional.of(new MoodConverter(TypeName.of(type))) : Optional.empty();
        });
        assertThat(asked).hasValue(1);
        assertThat(pool.idleConnections()).isEqualTo(1);
        assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
        createType();
        fixture.terminateAll();
        assertThat(pool.fetchOne("select 'happy'::" + type).get(0)).isEqualTo(Mood.HAPPY);
        assertThat(asked).hasValue(2);
        fixture.terminateAll();
        assertThat(pool.fetchOne("select 'happy'::" + type).get(0)).isEqualTo(Mood.HAPPY);
        assertThat(asked).hasValue(2);
    }

    @Test
    void factoryIsAskedAgainWhenATypeIsMetThatNobodyKnew() {
        PgPool pool = fixture.open(fixture.options(1, 1));
        var asked = new AtomicInteger();
        pool.addConverterUsing(connection -> {
            asked.incrementAndGet();
            return connection
                    .fetchOneOrNone("select 1 from pg_type where typname = $1", type)
                    .map(found -> new MoodConverter(TypeName.of(type)));
        });
        pool.fetchOne("select 1, 'x'::text, now()");
        assertThat(asked).hasValue(1);
        createType();
        assertThat(pool.fetchOne("select 'happy'::" + type).get(0)).isEqualTo("happy");
        await().until(() -> pool.fetchOne("select 'happy'::" + type).get(0) == Mood.HAPPY);
        assertThat(asked).hasValue(2);
        assertThat(pool.idleConnections()).isEqualTo(1);
        assertThat(fixture.warnings()).isEmpty();
    }

    @Test
    void factoryThatFailsLaterWithAnErrorCostsNoConnection() {
        PgPool pool = fixture.open(fixture.options(1, 1));
        var asked = new AtomicInteger();
        pool.addConverterUsing(connection -> {
            if (asked.getAndIncrement() > 0) {
                throw new NoClassDefFoundError("by the test");
            }
            return Optional.empty();
        });
        createType();
        assertThat(pool.fetchOne("select 'happy'::" + type).get(0)).isEqualTo("happy");
        await().until(() -> asked.get() > 1);
        assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
        fixture.terminateAll();
        assertThat(pool.fetchOne("select 2").getInt(0)).isEqualTo(2);
        assertThat(fixture.warnings()).anyMatch(text -> text.contains("a converter could not be made"));
    }

    @Test
    void factoryThatLeavesAStreamOpenCostsNoConnection() {
        PgPool pool = fixture.open(fixture.options(1, 1));
        pool.addConverterUsing(connection -> {
            connection.stream("select * from generate_series(1, 1000000)");
            return Optional.empty();
        });
        await().until(() -> pool.idleConnections() == 1);
        long before = pool.stats().opened();
        pool.softEvict();
        assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
        assertThat(pool.stats().opened()).isEqualTo(before + 1);
    }

    @Test
    void factoryThatFailsReachesItsCallerAndHarmsNobody() {
        PgPool pool = fixture.open(fixture.options(1, 1));
        assertThatThrownBy(() -> pool.addConverterUsing(connection -> {
                    throw new IllegalStateException("no");
                }))
                .hasMessage("no");
        fixture.terminateAll();
        assertThat(pool.fetchOne("select 1").getInt(0)).isEqualTo(1);
        await().until(() -> pool.idleConnections() == 1);
        assertThat(fixture.warnings()).isEmpty();
    }

    @Test
    void oidsAreFoundByName() {
        PgPool pool = fixture.open(fixture.options(1, 1));
        assertThat(pool.findOidForType("int4")).hasValue(23);
        assertThat(pool.findOidForType(type)).isEmpty();
        createType();
        int oid = pool.findOidForType(type).orElseThrow();
        assertThat(fixture.server.query("select '" + type + "'::regtype::oid")).isEqualTo(Integer.toString(oid));
        assertThat(List.of(pool.idleConnections(), pool.stats().activeConnections()))
                .containsExactly(1, 0);
    }
}
