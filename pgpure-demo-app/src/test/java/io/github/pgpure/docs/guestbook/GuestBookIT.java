package io.github.pgpure.docs.guestbook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.docs.Pages;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.spring.PgTemplate;
import io.github.pgpure.test.PostgresServer;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.dao.DataIntegrityViolationException;

/** The README's minimal application, with the README's settings and tables. */
@Timeout(60)
class GuestBookIT {

    private static final String DATABASE = "guest_book_it";

    private static ConfigurableApplicationContext context;
    private static GuestBook guestBook;
    private static PgTemplate pg;

    @BeforeAll
    static void start() {
        PostgresServer server = PostgresServer.shared();
        server.createDatabase(DATABASE);
        context = new SpringApplicationBuilder(GuestBookApplication.class)
                .web(WebApplicationType.NONE)
                .initializers(Pages::addApplicationYml)
                .run(
                        "--pgpure.url=" + server.uri(DATABASE, "", ""),
                        "--pgpure.username=" + server.username(),
                        "--pgpure.password=" + server.password());
        guestBook = context.getBean(GuestBook.class);
        pg = context.getBean(PgTemplate.class);
        context.getBean(PgPool.class).execute(Pages.sql());
    }

    @AfterAll
    static void stop() {
        context.close();
        PostgresServer.shared().dropDatabase(DATABASE);
    }

    @Test
    void keepsWhatIsSigned() {
        long id = guestBook.sign("Ada", Mood.CURIOUS, List.of("first visit", "maths"));
        Entry entry = guestBook.latest(1).get(0);
        assertThat(entry.id()).isEqualTo(id);
        assertThat(entry.author()).isEqualTo("Ada");
        assertThat(entry.mood()).isEqualTo(Mood.CURIOUS);
        assertThat(entry.tags()).containsExactly("first visit", "maths");
    }

    @Test
    void anErrorRollsTheWholeMethodBack() {
        long visits = visits();
        assertThatThrownBy(() -> guestBook.sign(null, Mood.HAPPY, List.of()))
                .isInstanceOf(DataIntegrityViolationException.class);
        assertThat(visits()).isEqualTo(visits);
    }

    @Test
    void settingsOfTheReadmeAreInForce() {
        assertThat(context.getBean(PgPool.class).maxConnections()).isEqualTo(8);
    }

    private static long visits() {
        return pg.fetchOne("select count from visits").getLong("count");
    }
}
