package io.github.pgpure.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgpure.convert.CompositeConverter;
import io.github.pgpure.convert.ConversionContext;
import io.github.pgpure.convert.Converter;
import io.github.pgpure.convert.EnumConverter;
import io.github.pgpure.convert.PgType;
import io.github.pgpure.convert.TypeName;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.test.PostgresServer;
import java.util.Currency;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The converters that docs/types.md shows. */
@Timeout(60)
class TypesIT {

    // tag::annotated[]
    @PgType("mood")
    enum Mood {
        HAPPY,
        CURIOUS
    }
    // end::annotated[]

    enum Level {
        LOW("l"),
        HIGH("h");

        private final String code;

        Level(String code) {
            this.code = code;
        }

        String code() {
            return code;
        }
    }

    record Address(String street, int number) {}

    // tag::converter[]
    static class CurrencyConverter implements Converter<Currency> {

        @Override
        public TypeName type() {
            return TypeName.of("currency");
        }

        @Override
        public Class<Currency> javaType() {
            return Currency.class;
        }

        @Override
        public Currency fromPostgres(ConversionContext context, String value) {
            return Currency.getInstance(value);
        }

        @Override
        public String toPostgres(ConversionContext context, Currency value) {
            return value.getCurrencyCode();
        }
    }
    // end::converter[]

    @Test
    void rowsAsObjects() {
        PostgresServer server = PostgresServer.shared();
        String database = server.createDatabase("types_it");
        try (PgPool pool = PgPool.open(server.uri(database))) {
            pool.execute("""
                    create type address as (street text, number integer);
                    create table author (id bigint, full_name text, website text, tags text[], home address, spare text);
                    insert into author values (1, 'Ada', null, '{math,code}', row('Elm Street', 7), 'x')""");
            // tag::rows[]
            record Author(long id, String fullName, Optional<String> website, List<String> tags, Address home) {}

            List<Author> authors = pool.fetch("select id, full_name, website, tags, home from author order by id")
                    .as(Author.class);
            long count = pool.fetchOne("select count(*) from author").as(Long.class);
            List<String> names = pool.fetch("select id, full_name from author order by id")
                    .map(row -> row.getInt("id") + " " + row.getString("full_name"));
            // a column more than the record has
            Author first = pool.fetchOne("select * from author order by id").asLenient(Author.class);
            // end::rows[]
            assertThat(authors)
                    .containsExactly(new Author(
                            1, "Ada", Optional.empty(), List.of("math", "code"), new Address("Elm Street", 7)));
            assertThat(count).isEqualTo(1);
            assertThat(names).containsExactly("1 Ada");
            assertThat(first).isEqualTo(authors.get(0));
        }
        server.dropDatabase(database);
    }

    @Test
    void convertersOfAllKinds() {
        PostgresServer server = PostgresServer.shared();
        String database = server.createDatabase("types_it");
        try (PgPool pool = PgPool.open(server.uri(database))) {
            pool.execute("""
                    create schema app;
                    create type currency as enum ('EUR', 'USD');
                    create type mood as enum ('happy', 'curious');
                    create type app.level as enum ('l', 'h');
                    create type address as (street text, number integer)""");
            // tag::add[]
            // its labels are the names in lower case
            pool.addConverter(EnumConverter.of(TypeName.of("mood"), Mood.class));
            // labels of your own
            pool.addConverter(EnumConverter.of(TypeName.of("app.level"), Level.class, Level::code));
            // a composite type as a record
            pool.addConverter(CompositeConverter.of(TypeName.of("address"), Address.class));
            // a type that may not be there, an extension's for example
            pool.addConverterUsing(connection -> connection
                    .fetchOneOrNone("select 1 where to_regtype('currency') is not null")
                    .map(found -> new CurrencyConverter()));
            // end::add[]
            assertThat(pool.fetchOne("select $1::mood", Mood.CURIOUS).get(0)).isEqualTo(Mood.CURIOUS);
            assertThat(pool.fetchOne("select $1::app.level", Level.HIGH).get(0)).isEqualTo(Level.HIGH);
            assertThat(pool.fetchOne("select $1::address", new Address("Elm Street", 7))
                            .get(0))
                    .isEqualTo(new Address("Elm Street", 7));
            pool.execute("create table prices (currency currency)");
            pool.execute("insert into prices values ($1)", Currency.getInstance("EUR"));
            assertThat(pool.fetchOne("select currency from prices").get(0)).isEqualTo(Currency.getInstance("EUR"));
        }
        server.dropDatabase(database);
    }
}
