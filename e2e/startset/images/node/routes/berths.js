'use strict';

const { Router } = require('express');

const router = Router();
const berths = [{ name: 'north', length: 120 }, { name: 'south', length: 80 }];

router.get('/', (request, response) => response.json(berths));

module.exports = router;
