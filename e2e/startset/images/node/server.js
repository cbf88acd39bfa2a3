'use strict';

const express = require('express');
const logger = require('pino')();
const berths = require('./routes/berths');

const app = express();
app.use(express.json());
app.use('/berths', berths);
app.listen(3000, () => logger.info('listening'));
