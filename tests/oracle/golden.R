# Golden values for the estimators, by R. Run as: Rscript tests/oracle/golden.R tests/oracle [output.csv]
# One row a value: name, value with 17 digits; versions.csv names R and its packages.
suppressPackageStartupMessages({
  library(sandwich); library(lmtest); library(clubSandwich); library(coin); library(metafor); library(nlme)
})
arguments <- commandArgs(trailingOnly = TRUE)
here <- arguments[1]
output <- if (length(arguments) > 1) arguments[2] else file.path(here, "golden.csv")
frame <- function(name) read.csv(file.path(here, name), colClasses = c(state = "character"))
golden <- list()
keep <- function(name, value) golden[[name]] <<- as.numeric(value)
t_test <- function(prefix, estimate, error, degrees) {
  keep(paste0(prefix, ".estimate"), estimate)
  keep(paste0(prefix, ".standard_error"), error)
  half <- qt(0.975, degrees) * error
  keep(paste0(prefix, ".lower"), estimate - half)
  keep(paste0(prefix, ".upper"), estimate + half)
  keep(paste0(prefix, ".p_value"), 2 * pt(-abs(estimate / error), degrees))
}

states <- frame("states.csv")
east <- states$share_percent[states$east == 1]
west <- states$share_percent[states$east == 0]

welch <- t.test(east, west)
keep("welch.estimate", diff(rev(welch$estimate)))
keep("welch.lower", welch$conf.int[1]); keep("welch.upper", welch$conf.int[2])
keep("welch.p_value", welch$p.value); keep("welch.degrees_of_freedom", welch$parameter)

ols <- lm(share_percent ~ east, states)
t_test("ols_hc3", coef(ols)[2], sqrt(vcovHC(ols, type = "HC3")[2, 2]), df.residual(ols))

# Quasi-binomial with HC3 from the hat diagonal of the weighted fit
logit <- glm(share_percent / 100 ~ east, quasibinomial, states, control = glm.control(epsilon = 1e-14, maxit = 100))
t_test("logit_hc3", coef(logit)[2], sqrt(vcovHC(logit, type = "HC3")[2, 2]), df.residual(logit))
weighted <- glm(share_percent / 100 ~ east, quasibinomial, states, weights = persons / mean(persons),
                control = glm.control(epsilon = 1e-14, maxit = 100))
t_test("logit_hc3_weighted", coef(weighted)[2], sqrt(vcovHC(weighted, type = "HC3")[2, 2]), df.residual(weighted))

# coin doubles no tail: both one-sided exact p values, of which the smaller is doubled on the other side
states$label <- factor(states$east)
exact <- function(alternative) {
  pvalue(oneway_test(share_percent ~ label, states, distribution = "exact", alternative = alternative))
}
keep("permutation.p_less", exact("less")); keep("permutation.p_greater", exact("greater"))

g <- escalc("SMD", m1i = mean(east), sd1i = sd(east), n1i = length(east), m2i = mean(west), sd2i = sd(west),
            n2i = length(west), vtype = "LS")
keep("hedges_g.estimate", g$yi); keep("hedges_g.variance", g$vi)
# Interval by the noncentral t (Steiger and Fouladi 1997), with the exact correction
freedom <- length(east) + length(west) - 2
scale <- sqrt(1 / length(east) + 1 / length(west))
correction <- exp(lgamma(freedom / 2) - lgamma((freedom - 1) / 2)) / sqrt(freedom / 2)
distance <- as.numeric(g$yi) / correction / scale
end <- function(tail) uniroot(function(ncp) pt(distance, freedom, ncp) - tail, distance + c(-8, 8), tol = 1e-13)$root
keep("hedges_g.lower", correction * scale * end(0.975)); keep("hedges_g.upper", correction * scale * end(0.025))

surveys <- read.csv(file.path(here, "surveys.csv"))
for (row in seq_len(nrow(surveys))) {
  found <- with(surveys[row, ], prop.test(share_percent / 100 * base_n, base_n, correct = FALSE)$conf.int)
  keep(paste0("wilson.", surveys$name[row], ".lower"), found[1])
  keep(paste0("wilson.", surveys$name[row], ".upper"), found[2])
}
# Newcombe (1998), method 10, from the two Wilson intervals
newcombe <- function(p1, n1, p2, n2) {
  w1 <- prop.test(p1 * n1, n1, correct = FALSE)$conf.int; w2 <- prop.test(p2 * n2, n2, correct = FALSE)$conf.int
  d <- p1 - p2
  c(d - sqrt((p1 - w1[1])^2 + (w2[2] - p2)^2), d + sqrt((w1[2] - p1)^2 + (p2 - w2[1])^2))
}
found <- newcombe(0.41, 764, 0.72, 6300)
keep("newcombe.lower", found[1]); keep("newcombe.upper", found[2])

# Brunner and Munzel (2000), written out: no package of Debian has it
brunner_munzel <- function(x, y) {
  n <- length(x); m <- length(y)
  ranks <- rank(c(x, y)); rx <- ranks[1:n]; ry <- ranks[n + 1:m]
  sx <- sum((rx - rank(x) - mean(rx) + (n + 1) / 2)^2) / (n - 1)
  sy <- sum((ry - rank(y) - mean(ry) + (m + 1) / 2)^2) / (m - 1)
  statistic <- n * m * (mean(ry) - mean(rx)) / (n + m) / sqrt(n * sx + m * sy)
  degrees <- (n * sx + m * sy)^2 / ((n * sx)^2 / (n - 1) + (m * sy)^2 / (m - 1))
  c(statistic, 2 * pt(-abs(statistic), degrees), (mean(ry) - (m + 1) / 2) / n)
}
# Real shares part completely (zero variance), so states of alternating number stand in for the groups
odd <- seq_len(nrow(states)) %% 2 == 1
found <- brunner_munzel(states$share_percent[odd], states$share_percent[!odd])
keep("brunner_munzel.statistic", found[1]); keep("brunner_munzel.p_value", found[2])
keep("brunner_munzel.probability", found[3])

districts <- frame("districts.csv")
linear <- lm(share_percent ~ east, districts)
degrees <- length(unique(districts$state)) - 1
t_test("ols_cluster", coef(linear)[2], sqrt(vcovCL(linear, ~state, type = "HC1")[2, 2]), degrees)
keep("ols_cluster.cr1s", sqrt(vcovCR(linear, districts$state, type = "CR1S")[2, 2]))

standard <- function(values) (values - mean(values)) / sd(values)
districts$log_density <- standard(log(districts$persons_per_km2))
districts$log_income <- standard(log(districts$disposable_income_eur_per_capita))
districts$log_gdp <- standard(log(districts$gdp_eur_per_capita))
districts$unemployment <- standard(districts$unemployment_rate_percent)
districts$share <- districts$share_percent / 100
control <- glm.control(epsilon = 1e-14, maxit = 100)
models <- list(
  none = glm(share ~ east, quasibinomial, districts, control = control),
  all = glm(share ~ east + log_density + log_income + log_gdp + unemployment, quasibinomial, districts, control = control),
  all_weighted = glm(share ~ east + log_density + log_income + log_gdp + unemployment, quasibinomial, districts,
                     weights = persons_thousand / mean(persons_thousand), control = control)
)
for (name in names(models)) {
  model <- models[[name]]
  covariance <- vcovCL(model, ~state, type = "HC1")
  prefix <- paste0("logit_cluster_", name)
  t_test(paste0(prefix, ".log_odds"), coef(model)[2], sqrt(covariance[2, 2]), degrees)
  design <- model.matrix(model); weight <- model$prior.weights / sum(model$prior.weights)
  at <- function(value) { design[, "east"] <- value; p <- plogis(design %*% coef(model))
    list(share = sum(weight * p), slope = colSums(as.numeric(weight * p * (1 - p)) * design)) }
  one <- at(1); none <- at(0); gradient <- one$slope - none$slope
  t_test(paste0(prefix, ".gap"), 100 * (one$share - none$share),
         100 * sqrt(as.numeric(t(gradient) %*% covariance %*% gradient)), degrees)
}

panel <- frame("panel.csv")
effects <- lm(share_percent ~ I(east * (year - 2016)) + factor(state) + factor(year), panel)
t_test("trend", coef(effects)[2], sqrt(vcovCL(effects, ~state, type = "HC1")[2, 2]), degrees)

reml <- function(prefix, formula) {
  fit <- lme(formula, random = ~ 1 | state, data = districts, method = "REML",
             control = lmeControl(msTol = 1e-15, tolerance = 1e-15, msMaxIter = 1000, niterEM = 1000, opt = "optim",
                                  optimMethod = "BFGS", maxIter = 500))
  keep(paste0(prefix, ".between"), getVarCov(fit)[1, 1]); keep(paste0(prefix, ".within"), sigma(fit)^2)
}
reml("reml", share_percent ~ 1)
reml("reml_within_parts", share_percent ~ east)
mean_squares <- anova(lm(share_percent ~ factor(state), districts))$`Mean Sq`
sizes <- table(districts$state)
n0 <- (sum(sizes) - sum(sizes^2) / sum(sizes)) / (length(sizes) - 1)
keep("anova.between", (mean_squares[1] - mean_squares[2]) / n0); keep("anova.within", mean_squares[2])

# Wild cluster bootstrap, null imposed: every one of the 2^15 Rademacher draws; draws of a stream come near it
restricted <- lm(share_percent ~ factor(state) + factor(year), panel)
x <- residuals(lm(I(east * (year - 2016)) ~ factor(state) + factor(year), panel))
u <- residuals(restricted); qr_design <- qr(model.matrix(restricted)); names <- unique(panel$state)
alone <- sapply(names, function(state) qr.resid(qr_design, ifelse(panel$state == state, u, 0)))
slopes <- as.numeric(x %*% alone) / sum(x^2)
scores <- rowsum(x * (alone - outer(x, slopes)), panel$state)
signs <- as.matrix(expand.grid(rep(list(c(-1, 1)), length(names))))
statistics <- abs(signs %*% slopes) / sqrt(rowSums((signs %*% t(scores))^2))
observed <- abs(sum(slopes)) / sqrt(sum(rowSums(scores)^2))
keep("wild_cluster_rademacher.p_all_draws", mean(statistics >= observed * (1 - 1e-9)))

write.csv(data.frame(name = names(golden), value = formatC(unlist(golden), digits = 17, format = "g")), output,
          row.names = FALSE, quote = FALSE)
if (length(arguments) < 2) {
  packages <- c("sandwich", "lmtest", "clubSandwich", "coin", "metafor", "nlme")
  versions <- c(R = as.character(getRversion()), sapply(packages, function(name) as.character(packageVersion(name))))
  write.csv(data.frame(name = names(versions), version = versions), file.path(here, "versions.csv"),
            row.names = FALSE, quote = FALSE)
}
