package io.github.pgpure.spring.boot.beside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgpure.UniqueViolationException;
import io.github.pgpure.pool.PgPool;
import io.github.pgpure.spring.PgTemplate;
import io.github.pgpure.spring.PgTransactionManager;
import io.github.pgpure.test.PostgresServer;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionManager;
import org.springframework.transaction.annotation.Transactional;

/** An application with JPA (Hibernate), JDBC, Flyway and Liquibase, all at work on the database that pgpure uses too. */
class BesideJpaIT {

    private static final String DATABASE = "pgpure_beside_jpa";
    private static final PostgresServer server = PostgresServer.shared();

    private static ConfigurableApplicationContext application;
    private static JpaService jpa;
    private static PgService pg;

    @BeforeAll
    static void start() {
        server.createDatabase(DATABASE);
        application = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .run(
                        "--pgpure.url=" + server.uri(DATABASE),
                        "--pgpure.pool.max-connections=3",
                        "--spring.datasource.url=jdbc:postgresql://" + server.host() + ":" + server.port() + "/"
                                + DATABASE,
                        "--spring.datasource.username=" + server.username(),
                        "--spring.datasource.password=" + server.password(),
                        "--spring.datasource.hikari.maximum-pool-size=3",
                        "--spring.jpa.hibernate.ddl-auto=validate",
                        "--spring.flyway.locations=classpath:beside/flyway",
                        "--spring.liquibase.change-log=classpath:beside/liquibase.sql",
                        "--spring.flyway.baseline-on-migrate=true",
                        "--spring.flyway.baseline-version=0");
        jpa = application.getBean(JpaService.class);
        pg = application.getBean(PgService.class);
    }

    @AfterAll
    static void stop() {
        if (application != null) {
            application.close();
        }
        server.dropDatabase(DATABASE);
    }

    @BeforeEach
    void empty() {
        application.getBean(JdbcTemplate.class).execute("truncate author, book");
    }

    @Test
    void clientsAreMadeAfterFlywayAndLiquibase() {
        assertThat(application.getBean(NeedsBothTables.class).found).isEqualTo("author book");
        assertThat(application.getBeanFactory().getBeanDefinition("pgTemplate").getDependsOn())
                .contains("flywayInitializer", "liquibase");
        assertThat(application.getBeanFactory().getBeanDefinition("pgPool").getDependsOn())
                .isNull();
    }

    @Test
    void theDefaultStaysJpas() {
        assertThat(application.getBeansOfType(TransactionManager.class))
                .containsOnlyKeys("transactionManager", "pgTransactionManager");
        assertThat(application.getBean(PlatformTransactionManager.class)).isInstanceOf(JpaTransactionManager.class);
        assertThat(application.getBean("pgTransactionManager")).isInstanceOf(PgTransactionManager.class);
    }

    @Test
    void jpaAndJdbcShareTheirTransactionAndPgpureHasItsOwn() {
        jpa.addBoth(1, "ada");
        assertThat(names()).containsExactly("ada", "ada, by JDBC");

        assertThatThrownBy(() -> jpa.addBothAndFail(3, "bob")).isInstanceOf(Planned.class);
        assertThat(names()).containsExactly("ada", "ada, by JDBC");
        assertThat(jpa.templateJoins()).isFalse();

        pg.add(5, "cleo");
        assertThatThrownBy(() -> pg.addAndFail(6, "dan")).isInstanceOf(Planned.class);
        assertThat(names()).containsExactly("ada", "ada, by JDBC", "cleo");
        assertThat(pg.templateJoins()).isTrue();
    }

    @Test
    void oneTransactionInsideTheOtherIsIndependentOfIt() {
        assertThatThrownBy(() -> jpa.addAndCallAndFail(1, "outer", () -> pg.add(2, "inner")))
                .isInstanceOf(Planned.class);
        assertThat(names()).containsExactly("inner");

        pg.addAndCall(
                3,
                "outer",
                () -> assertThatThrownBy(() -> jpa.addBothAndFail(4, "inner two"))
                        .isInstanceOf(Planned.class));
        assertThat(names()).containsExactly("inner", "outer");
        assertThat(application.getBean(PgPool.class).stats().activeConnections())
                .isZero();
    }

    @Test
    void eachHasItsErrorsTranslated() {
        jpa.addBoth(1, "ada");
        assertThatThrownBy(() -> jpa.addBoth(7, "ada")).isInstanceOf(DataIntegrityViolationException.class);
        assertThatThrownBy(() -> pg.add(1, "ada"))
                .isInstanceOf(DuplicateKeyException.class)
                .hasCauseInstanceOf(UniqueViolationException.class);
        // Here the pool itself throws: the repository's proxy translates, beside JPA's translator.
        assertThatThrownBy(() -> application.getBean(PoolRepository.class).add(1, "ada"))
                .isInstanceOf(DuplicateKeyException.class);
    }

    private static List<String> names() {
        return application
                .getBean(JdbcTemplate.class)
                .queryForList("select name from author order by name", String.class);
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {

        /** The first definition of all, so that nothing but its dependency makes it wait. */
        @Bean
        static NeedsBothTables aNeedsBothTables(PgTemplate template) {
            return new NeedsBothTables(template);
        }

        @Bean
        JpaService jpaService(JdbcTemplate jdbc, PgTemplate template) {
            return new JpaService(jdbc, template);
        }

        @Bean
        PgService pgService(PgTemplate template) {
            return new PgService(template);
        }

        @Bean
        PoolRepository poolRepository(PgPool pool) {
            return new PoolRepository(pool);
        }
    }

    static class NeedsBothTables implements InitializingBean {
        private final PgTemplate template;
        private String found = "";

        NeedsBothTables(PgTemplate template) {
            this.template = template;
        }

        @Override
        public void afterPropertiesSet() {
            found = template.sql("select string_agg(relname, ' ' order by relname) from pg_class"
                            + " where oid in ('author'::regclass, 'book'::regclass)")
                    .query(String.class)
                    .single();
        }
    }

    @Repository // for the translation of JPA's errors
    @Transactional
    static class JpaService {
        private final JdbcTemplate jdbc;
        private final PgTemplate template;

        @PersistenceContext
        private EntityManager entities;

        JpaService(JdbcTemplate jdbc, PgTemplate template) {
            this.jdbc = jdbc;
            this.template = template;
        }

        public void addBoth(long id, String name) {
            entities.persist(new Author(id, name));
            entities.flush();
            jdbc.update("insert into author values (?, ?)", id + 1, name + ", by JDBC");
        }

        public void addBothAndFail(long id, String name) {
            addBoth(id, name);
            throw new Planned();
        }

        public void addAndCallAndFail(long id, String name, Runnable call) {
            entities.persist(new Author(id, name));
            entities.flush();
            call.run();
            throw new Planned();
        }

        public boolean templateJoins() {
            return template.currentTransaction().isPresent();
        }
    }

    @Transactional("pgTransactionManager")
    static class PgService {
        private final PgTemplate template;

        PgService(PgTemplate template) {
            this.template = template;
        }

        public void add(long id, String name) {
            template.execute("insert into author values ($1, $2)", id, name);
        }

        public void addAndFail(long id, String name) {
            add(id, name);
            throw new Planned();
        }

        public void addAndCall(long id, String name, Runnable call) {
            add(id, name);
            call.run();
        }

        public boolean templateJoins() {
            return template.currentTransaction().isPresent();
        }
    }

    @Repository
    static class PoolRepository {
        private final PgPool pool;

        PoolRepository(PgPool pool) {
            this.pool = pool;
        }

        public void add(long id, String name) {
            pool.execute("insert into author values ($1, $2)", id, name);
        }
    }

    /** None that a translator makes another one of. */
    private static final class Planned extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
