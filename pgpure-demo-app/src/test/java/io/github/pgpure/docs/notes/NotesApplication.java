package io.github.pgpure.docs.notes;

// tag::application[]
import io.github.pgpure.PgOperations;
import io.github.pgpure.convert.Converter;
import io.github.pgpure.convert.EnumConverter;
import io.github.pgpure.convert.TypeName;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.spring.PgTemplate;
import java.util.List;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

@SpringBootApplication
public class NotesApplication {

    enum Mood {
        HAPPY,
        CURIOUS
    }

    record Weather(String sky, int celsius) {}

    record Note(long id, String text, Mood mood, List<String> tags, Weather weather) {}

    public static void main(String[] args) {
        SpringApplication.run(NotesApplication.class, args);
    }

    @Bean
    Converter<Mood> moodConverter() {
        return EnumConverter.of(TypeName.of("mood"), Mood.class);
    }

    @Bean
    CommandLineRunner tryIt(PgPool pool, Notes notes) {
        return args -> {
            pool.execute("""
                    create type mood as enum ('happy', 'curious');
                    create table notes (
                        id bigint generated always as identity primary key,
                        text text not null, mood mood not null, tags text[] not null, weather jsonb not null)""");
            Note note = notes.add("Hello", Mood.CURIOUS, List.of("first", "short"), new Weather("clear", 21));
            System.out.println(note);
        };
    }

    @Service
    static class Notes {

        private final PgOperations pg;

        Notes(PgTemplate pg) {
            this.pg = pg;
        }

        @Transactional
        Note add(String text, Mood mood, List<String> tags, Weather weather) {
            long id = pg.fetchOne(
                            "insert into notes (text, mood, tags, weather) values ($1, $2, $3, $4) returning id",
                            text,
                            mood,
                            tags,
                            weather)
                    .getLong("id");
            return pg.fetchOne("select * from notes where id = $1", id).as(Note.class);
        }
    }
}
// end::application[]
