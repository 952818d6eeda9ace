package io.github.pgpure.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.pgpure.ConversionException;
import io.github.pgpure.PgConnectOptions;
import io.github.pgpure.PgPoolOptions;
import io.github.pgpure.Row;
import io.github.pgpure.connection.PgConnection;
import io.github.pgpure.connection.Session;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.test.PostgresServer;
import java.util.Arrays;
import java.util.Currency;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Applications' own converters, on a real server. */
class CustomConvertersIT {

    enum Mood {
        HAPPY,
        VERY_SAD
    }

    record Address(String street, Optional<String> postalCode, List<Mood> moods, Mood mood) {}

    record Person(String name, Address home, List<Address> others, int age) {}

    /** A converter in five lines. */
    static class CurrencyConverter implements Converter<Currency> {
        public TypeName type() {
            return TypeName.of("currency");
        }

        public Class<Currency> javaType() {
            return Currency.class;
        }

        public Currency fromPostgres(ConversionContext context, String value) {
            return Currency.getInstance(value);
        }

        public String toPostgres(ConversionContext context, Currency value) {
            return value.getCurrencyCode();
        }
    }

    private static PostgresServer server;
    private static String database;

    private final TypeRegistry types = new TypeRegistry();
    private PgConnection connection;

    @BeforeAll
    static void createTypes() {
        server = PostgresServer.shared();
        database = server.createDatabase("custom_converters_it");
        try (PgConnection admin = PgConnection.open(PgConnectOptions.parse(server.uri(database)))) {
            admin.execute("""
                    create type mood as enum ('happy', 'very_sad');
                    create type currency as enum ('EUR', 'USD');
                    create type address as (street text, postal_code varchar(10), moods mood[], mood mood);
                    create type person as (name text, home address, others address[], age int);
                    create schema app;
                    create type app.mood as enum ('a');
                    create type app.level as enum ('1', '2');
                    create domain home as address;
                    """);
        }
    }

    @AfterAll
    static void dropTypes() {
        server.dropDatabase(database);
    }

    @BeforeEach
    void open() {
        connection = openAnother();
    }

    @AfterEach
    void close() {
        connection.close();
    }

    private PgConnection openAnother() {
        return Session.open(PgConnectOptions.parse(server.uri(database)), types).connection(Session::close);
    }

    @Test
    void aTextConverterTakesFiveLines() {
        types.add(new CurrencyConverter());
        Currency euro = Currency.getInstance("EUR");
        Row row = connection.fetchOne(
                "select $1::currency as one, $2::currency[] as many", euro, Arrays.asList(euro, null));
        assertThat(row.get("one")).isEqualTo(euro);
        assertThat(row.get("one", Currency.class)).isEqualTo(euro);
        assertThat(row.getString("one")).isEqualTo("EUR");
        assertThat(row.get("many")).isEqualTo(Arrays.asList(euro, null));
        assertThat(row.get("many", Currency[].class)).containsExactly(euro, null);
    }

    @Test
    void aConverterIsSeenByConnectionsThatAreOpenAndByCachedStatements() {
        String sql = "select 'EUR'::currency";
        assertThat(connection.fetchOne(sql).get(0)).isEqualTo("EUR");
        types.add(new CurrencyConverter());
        assertThat(connection.fetchOne(sql).get(0)).isEqualTo(Currency.getInstance("EUR"));
        try (PgConnection later = openAnother()) {
            assertThat(later.fetchOne(sql).get(0)).isEqualTo(Currency.getInstance("EUR"));
        }
    }

    @Test
    void rowsReadEarlierKeepTheConvertersOfTheirTime() {
        Row row = connection.fetchOne("select 'EUR'::currency");
        types.add(new CurrencyConverter());
        assertThat(row.get(0)).isEqualTo("EUR");
    }

    @Test
    void enumsGoBothWaysAndInArrays() {
        types.add(EnumConverter.of(TypeName.of("mood"), Mood.class));
        Row row = connection.fetchOne(
                "select $1::mood as one, $2::mood[] as many, format('%s', $1::mood) as text",
                Mood.VERY_SAD, Mood.values());
        assertThat(row.get("one")).isEqualTo(Mood.VERY_SAD);
        assertThat(row.get("many")).isEqualTo(List.of(Mood.HAPPY, Mood.VERY_SAD));
        assertThat(row.get("many", Mood[].class)).containsExactly(Mood.values());
        assertThat(row.getString("text")).isEqualTo("very_sad");
    }

    @Test
    void enumsNeedNoConverterWhenTheirNamesFit() {
        Row row = connection.fetchOne("select $1::mood as one, $2::mood[] as many", Mood.VERY_SAD, Mood.values());
        assertThat(row.get("one")).isEqualTo("very_sad");
        assertThat(row.get("one", Mood.class)).isEqualTo(Mood.VERY_SAD);
        assertThat(row.get("many", Mood[].class)).containsExactly(Mood.values());
    }

    @Test
    void labelsCanBeAnything() {
        types.add(EnumConverter.of(TypeName.of("app.level"), Mood.class, mood -> "" + (mood.ordinal() + 1)));
        Row row =
                connection.fetchOne("select $1::app.level as one, format('%s', $1::app.level) as text", Mood.VERY_SAD);
        assertThat(row.get("one")).isEqualTo(Mood.VERY_SAD);
        assertThat(row.getString("text")).isEqualTo("2");
    }

    @Test
    void aBareNameMeansTheTypeOnTheSearchPath() {
        types.add(EnumConverter.of(TypeName.of("mood"), Mood.class));
        Row row = connection.fetchOne("select 'a'::app.mood as other, 'happy'::mood as mine");
        assertThat(row.get("other")).isEqualTo("a");
        assertThat(row.get("mine")).isEqualTo(Mood.HAPPY);
    }

    private static Person person() {
        Address home =
                new Address("Main \"St\", 5", Optional.of("01234"), Arrays.asList(Mood.HAPPY, null), Mood.VERY_SAD);
        Address other = new Address("", Optional.empty(), List.of(), null);
        return new Person("Ann", home, List.of(home, other), 42);
    }

    @Test
    void compositesBecomeRecordsOfRecords() {
        types.add(CompositeConverter.of(TypeName.of("person"), Person.class));
        Row row = connection.fetchOne(
                "select $1::person as one, $2::person[] as many, ($1::person).others[1].postal_code as code",
                person(),
                List.of(person(), person()));
        assertThat(row.get("one")).isEqualTo(person());
        assertThat(row.get("many")).isEqualTo(List.of(person(), person()));
        assertThat(row.getString("code")).isEqualTo("01234");
    }

    @Test
    void compositesGoAsTextWhereAFieldHasATextConverter() {
        types.add(CompositeConverter.of(TypeName.of("address"), Address.class));
        types.add(new Converter<Mood>() {
            public TypeName type() {
                return TypeName.of("mood");
            }

            public Class<Mood> javaType() {
                return Mood.class;
            }

            public Mood fromPostgres(ConversionContext context, String value) {
                return value.equals("happy") ? Mood.HAPPY : Mood.VERY_SAD;
            }

            public String toPostgres(ConversionContext context, Mood value) {
                return value == Mood.HAPPY ? "happy" : "very_sad";
            }
        });
        Row row = connection.fetchOne("select $1::person as one, $2::home as home", person(), person().home());
        assertThat(row.get("one", Person.class)).isEqualTo(person());
        assertThat(row.get("home")).isEqualTo(person().home());
        // An anonymous record comes in binary all the same.
        assertThat(connection.fetchOne("select row('very_sad'::mood, 1)").get(0))
                .isEqualTo(List.of(Mood.VERY_SAD, 1));
    }

    @Test
    void aRecordNeedsNoConverterWhenItIsAskedFor() {
        Row row = connection.fetchOne("select $1::person as one, array[$1::person] as many", person());
        assertThat(row.get("one", Person.class)).isEqualTo(person());
        assertThat(row.get("many", Person[].class)).containsExactly(person());
        assertThat(row.get("one", Map.class)).containsEntry("name", "Ann").containsEntry("age", 42);
        record Holder(Person one, List<Person> many) {}
        assertThat(row.as(Holder.class)).isEqualTo(new Holder(person(), List.of(person())));
    }

    @Test
    void compositeErrorsNameWhatIsMissing() {
        record Wrong(String street, String town) {}
        Row row = connection.fetchOne("select row('x', null, null, null)::address as a");
        assertThatThrownBy(() -> row.get("a", Wrong.class))
                .isInstanceOf(ConversionException.class)
                .hasMessageContaining("town")
                .hasMessageContaining("street, postal_code, moods, mood");
        record TooFew(String street) {}
        assertThatThrownBy(() -> connection.fetchOne("select $1::address", new TooFew("x")))
                .isInstanceOf(ConversionException.class)
                .hasMessageContaining("postal_code");
    }

    @Test
    void aTypeThatIsDroppedAndCreatedAgainIsFollowed() {
        types.add(EnumConverter.of(TypeName.of("fleeting"), Mood.class));
        for (int i = 0; i < 3; i++) {
            connection.execute("create type fleeting as enum ('happy')");
            assertThat(connection.fetchOne("select $1::fleeting", Mood.HAPPY).get(0))
                    .isEqualTo(Mood.HAPPY);
            connection.execute("drop type fleeting");
        }
    }

    @Test
    void aTypeThatIsAlteredIsFollowed() {
        connection.execute("create type growing as (a int)");
        assertThat(connection.fetchOne("select row(1)::growing").get(0)).isEqualTo(Map.of("a", 1));
        connection.execute("alter type growing add attribute b text");
        assertThatThrownBy(() ->
                        connection.fetchOne("select row(1, 'x')::growing as g").get("g"))
                .isInstanceOf(ConversionException.class)
                .hasMessageContaining("altered");
        Row row = connection.fetchOne("select row(1, 'x')::growing as g, array[row(2, 'y')::growing] as many");
        assertThat(row.get("g")).isEqualTo(Map.of("a", 1, "b", "x"));
        assertThat(row.get("many")).isEqualTo(List.of(Map.of("a", 2, "b", "y")));
        connection.execute("drop type growing");
    }

    @Test
    void anExtensionsTypeIsFoundByItsName() {
        var absent = types.findOid("no_such_type", this::lookUp);
        assertThat(absent).isEmpty();
        var oid = types.findOid("app.mood", this::lookUp);
        assertThat(oid).isPresent();
        types.add(EnumConverter.of(TypeName.ofOid(oid.getAsInt()), Mood.class, mood -> mood == Mood.HAPPY ? "a" : "b"));
        assertThat(connection.fetchOne("select 'a'::app.mood").get(0)).isEqualTo(Mood.HAPPY);
    }

    private List<String[]> lookUp(String sql) {
        return connection.fetch(sql).stream()
                .map(row -> new String[] {row.getString(0)})
                .toList();
    }

    @Test
    void aConverterThatFailsIsNamedAndItsCauseIsKept() {
        types.add(new CurrencyConverter() {
            @Override
            public Currency fromPostgres(ConversionContext context, String value) {
                throw new IllegalStateException("on purpose");
            }
        });
        Row row = connection.fetchOne("select 'EUR'::currency as c");
        assertThatThrownBy(() -> row.get("c"))
                .isInstanceOf(ConversionException.class)
                .hasMessageContaining("'c'")
                .hasMessageContaining("CustomConvertersIT")
                .hasRootCauseMessage("on purpose");
    }

    @Test
    void aPoolKeepsItsConvertersWhenConnectionsAreReplaced() {
        try (PgPool pool = PgPool.open(PgConnectOptions.parse(server.uri(database)))) {
            pool.addConverter(EnumConverter.of(TypeName.of("mood"), Mood.class));
            assertThat(pool.fetchOne("select 'happy'::mood").get(0)).isEqualTo(Mood.HAPPY);
            int first;
            try (PgConnection checkedOut = pool.checkoutConnection()) {
                first = checkedOut.backendPid();
            }
            // It answers when the backend is gone, or after a minute.
            connection.execute("select pg_terminate_backend($1, 60000)", first);
            await().until(() -> {
                try (PgConnection checkedOut = pool.checkoutConnection()) {
                    return checkedOut.backendPid() != first;
                }
            });
            try (PgConnection checkedOut = pool.checkoutConnection()) {
                assertThat(checkedOut.fetchOne("select array['happy'::mood]").get(0))
                        .isEqualTo(List.of(Mood.HAPPY));
            }
        }
    }

    @Test
    void anExtensionsConverterIsAddedOnceTheExtensionIsThere() {
        String other = server.createDatabase("custom_converters_hstore");
        // One connection only: no other one is opened later, at which the factory would be asked again.
        PgPoolOptions one = PgPoolOptions.builder().maxConnections(1).build();
        try (PgPool pool = PgPool.open(PgConnectOptions.parse(server.uri(other)), one)) {
            assumeTrue(pool.fetchOne("select count(*) from pg_available_extensions where name = 'hstore'")
                            .getInt(0)
                    > 0);
            pool.addConverterUsing(asking -> {
                Row row = asking.fetchOne("select to_regtype('hstore')::oid");
                return row.isNull(0) ? Optional.empty() : Optional.of(new KeysConverter((int) row.getLong(0)));
            });
            pool.execute("create extension hstore");
            String sql = "select 'b=>1, a=>NULL'::hstore";
            assertThat(pool.fetchOne(sql).get(0)).isInstanceOf(Map.class);
            pool.addConverterUsing(asking -> Optional.of(new KeysConverter(
                    (int) asking.fetchOne("select to_regtype('hstore')::oid").getLong(0))));
            assertThat(pool.fetchOne(sql).get(0)).isEqualTo(new Keys("a b"));
            assertThat(pool.fetchOne(sql).get(0, Map.class)).containsEntry("b", "1");
            assertThat(pool.fetchOne("select $1::hstore -> 'x' as v", new Keys("x"))
                            .get("v"))
                    .isEqualTo("x");
        }
        server.dropDatabase(other);
    }

    record Keys(String sorted) {}

    record KeysConverter(int oid) implements Converter<Keys> {
        public TypeName type() {
            return TypeName.ofOid(oid);
        }

        public Class<Keys> javaType() {
            return Keys.class;
        }

        public Keys fromPostgres(ConversionContext context, String value) {
            return new Keys(value.replaceAll("\"(\\w+)\"=>[^,]+", "$1").replace(",", ""));
        }

        public String toPostgres(ConversionContext context, Keys value) {
            return value.sorted() + "=>" + value.sorted();
        }
    }

    @Test
    void aStatementSeesTheOldConvertersOrTheNewOnesAndNeverAMix() throws Exception {
        var failure = new AtomicReference<Throwable>();
        var stop = new AtomicBoolean();
        Thread reader = new Thread(() -> {
            try (PgConnection reading = openAnother()) {
                for (int i = 0; i < 2_000; i++) {
                    Row row = reading.fetchOne(
                            "select 'happy'::mood as a, array['happy'::mood] as b, 'happy'::mood as c");
                    Object value = row.get("a");
                    assertThat(row.get("b")).isEqualTo(List.of(value));
                    assertThat(row.get("c")).isEqualTo(value);
                }
            } catch (Throwable e) {
                failure.set(e);
            } finally {
                stop.set(true);
            }
        });
        reader.start();
        EnumConverter<Mood> usual = EnumConverter.of(TypeName.of("mood"), Mood.class);
        EnumConverter<Mood> swapped =
                EnumConverter.of(TypeName.of("mood"), Mood.class, mood -> mood == Mood.HAPPY ? "very_sad" : "happy");
        while (!stop.get()) {
            types.add(usual);
            types.add(swapped);
        }
        reader.join();
        assertThat(failure.get()).isNull();
    }
}
