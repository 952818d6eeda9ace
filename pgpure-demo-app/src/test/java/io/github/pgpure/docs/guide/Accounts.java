package io.github.pgpure.docs.guide;

import io.github.pgpure.spring.PgTemplate;
import java.math.BigDecimal;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.PessimisticLockingFailureException;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.resilience.annotation.Retryable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.annotation.Transactional;

@Service
class Accounts {

    private final PgTemplate pg;

    Accounts(PgTemplate pg) {
        this.pg = pg;
    }

    // tag::enable[]
    @Configuration
    @EnableResilientMethods
    static class Resilience {}
    // end::enable[]

    // tag::retry[]
    @Retryable(includes = PessimisticLockingFailureException.class, maxRetries = 5, delay = 10)
    @Transactional(isolation = Isolation.SERIALIZABLE)
    public void transfer(long from, long to, BigDecimal amount) {
        pg.execute("update account set balance = balance - $1 where id = $2", amount, from);
        pg.execute("update account set balance = balance + $1 where id = $2", amount, to);
    }
    // end::retry[]
}
